/** @file The one error class that a user can meet, and the shape of a row of the error table. */

/** Exit codes of the command line. Documented in `docs/errors.md`. */
export const exitCodes = {
  /** Something in Plaudit is wrong, not in the input. */
  internal: 70,
  /** The command was called wrongly: unknown option, bad value. */
  usage: 64,
  /** The input (a data file, a checkpoint, a configuration) cannot be used as it is. */
  input: 65,
  /** A file or folder that was named is not there. */
  missing: 66,
  /** The machine lacks something: a provider, memory, a Node version. */
  unavailable: 69,
  /** Writing failed: disk full, no permission. */
  output: 73,
  /** A run failed in its arithmetic or lost a worker; its checkpoints are kept. */
  run: 74,
  /** Stopped by Ctrl-C; the message says how to resume. */
  interrupted: 130,
} as const;

export type ExitKind = keyof typeof exitCodes;

/** A row of the error table. `{name}` in the texts is replaced by the parameter of that name. */
export interface ErrorRow {
  readonly status: number;
  readonly exit: ExitKind;
  /** What happened, never with a row's content. */
  readonly message: string;
  /** What to do about it. */
  readonly cure: string;
}

export type ErrorParameters = Readonly<Record<string, string | number>>;

const fill = (text: string, parameters: ErrorParameters): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in parameters ? String(parameters[name]) : whole,
  );

/** An error from the table. Thrown where the cause is known, turned into text once, at the border. */
export class PlauditError extends Error {
  override readonly name = 'PlauditError';
  readonly code: string;
  readonly cure: string;
  readonly status: number;
  readonly exit: ExitKind;
  readonly parameters: ErrorParameters;

  constructor(code: string, row: ErrorRow, parameters: ErrorParameters, cause?: unknown) {
    super(fill(row.message, parameters), cause === undefined ? undefined : { cause });
    this.code = code;
    this.cure = fill(row.cure, parameters);
    this.status = row.status;
    this.exit = row.exit;
    this.parameters = parameters;
  }

  /** The document that `--json` prints on stderr. */
  toJSON(): { error: { code: string; message: string; cure: string; parameters: ErrorParameters } } {
    return {
      error: { code: this.code, message: this.message, cure: this.cure, parameters: this.parameters },
    };
  }
}
