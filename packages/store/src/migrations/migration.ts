/** @file What a migration is: a numbered step of the schema, forward only, that is never changed once released. */

export interface Migration {
  /** 1 and up without gaps. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}
