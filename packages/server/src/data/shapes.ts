/** @file Shapes that answers about data share. */
import type { judgement as judgementSchema } from '@plaudit/contract';
import { z } from 'zod';

/** A page of a list that goes on after an id. */
export const pageQuery = z.object({
  after: z.string().max(64).optional().describe('The cursor of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A page towards the past. */
export const backwards = z.object({
  before: z.string().max(64).optional().describe('The cursor of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const digest = z.string().describe('SHA-256, 64 hexadecimal digits');
export const row = z.object({ id: digest, judgement: z.custom<z.output<typeof judgementSchema>>() });
export const rowsPage = z.object({ rows: z.array(row), next: z.string().nullable() });

/** The cursor of the next page; null where this one was not full. */
export const nextCursor = (rows: readonly { readonly id: string }[], limit: number): string | null =>
  rows.length < limit ? null : (rows.at(-1)?.id ?? null);

export const snapshot = z.object({
  id: digest,
  number: z.number(),
  rows: z.number(),
  query: z.object({
    datasets: z.array(z.string()),
    imports: z.array(z.string()).optional(),
    sources: z.array(z.string()).optional(),
    kinds: z.array(z.string()).optional(),
    criteria: z.array(z.string()).optional(),
    languages: z.array(z.string()).optional(),
  }),
  parent: digest.nullable(),
  rubric: z.string().nullable(),
  erasedRows: z.number(),
  successor: digest.nullable(),
  createdAt: z.date(),
  tags: z.array(z.string()),
  /** Required gates that failed; null where nobody has asked yet. */
  blocking: z.array(z.string()).nullable(),
});
