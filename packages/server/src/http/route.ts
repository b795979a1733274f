/** @file A route as data: what it takes, what it gives and who may call it. Handlers, OpenAPI and the matrix of roles read the same. */
import type { Readable } from 'node:stream';
import type { Store } from '@plaudit/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Access, Role } from './roles.ts';

/** Who calls: a person in a session, or a program with a key. */
export interface Actor {
  /** `user:ID`, `key:ID` or `anonymous`; goes into the audit log. */
  readonly id: string;
  readonly userId: string | null;
  /** Who answers for it, such as `user:ID`: of a key the person who made it. Whoever acts twice is one, by whatever key. */
  readonly person: string;
  /** What a person sees: the name of the user, or of the key. */
  readonly name: string;
  /** A person who may do everything in every project. */
  readonly administrator: boolean;
}

/** What a handler may use. `params`, `query` and `body` are what the schemas made of the request. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly actor: Actor;
  /** In the project of `store`; null on a route whose access is no list of roles. */
  readonly role: Role | null;
  /**
   * The data of the project that the path names; without one in the path, of the key's project or of the one that the header
   * `plaudit-project` names. Rows of other projects cannot be reached through it.
   *
   * @throws RangeError on a route whose access is no list of roles
   */
  readonly store: Store;
  /** The body as it comes in, of a route that takes an upload; fails when more than `bodyLimit` bytes have come. */
  readonly upload: Readable;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Route<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Result extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify's, such as `/v1/projects/:project/runs/:run`. */
  readonly url: string;
  readonly access: Access;
  /** The page of the documentation, such as `Runs`. */
  readonly tag: string;
  /** One sentence. */
  readonly summary: string;
  /** Unique; the name of the SDK's method, such as `listRuns`. */
  readonly operation: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Of a successful answer. Absent: the handler answers by itself, or there is no body. */
  readonly result?: Result;
  /** Of a successful answer. Default 200. */
  readonly status?: number;
  /** The body is a file of any kind, read as a stream. There is no `body` then. */
  readonly upload?: boolean;
  /** Bytes of the body, at most. Default 1 MiB. */
  readonly bodyLimit?: number;
  /** Requests of one caller in a minute, at most. Default the server's; Infinity for no limit. */
  readonly perMinute?: number;
  /** Outside formats (MLflow, vLLM, …) say errors in their own words. Absent: the error table's document. */
  readonly errorBody?: (error: { status: number; code: string; message: string; cure: string }) => unknown;
  handler(
    call: Call<Parsed<Params>, Parsed<Query>, Parsed<Body>>,
  ): Promise<Result extends z.ZodType ? z.input<Result> : unknown>;
}

/** Types a route by its schemas. */
export const route = <
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Result extends z.ZodType | undefined = undefined,
>(
  made: Route<Params, Query, Body, Result>,
): Route => made as unknown as Route;
