/** @file What an export format is, and the parts of judgements that several of them write. */
import type { Comparison, Edit, Judgement, Message, Prompt } from '@plaudit/contract';
import { type Column, type ContainerName, ExportFault, type ExportRow } from './column.ts';

export interface ExportFormat<Name extends string = string> {
  readonly name: Name;
  readonly columns: readonly Column[];
  /** The columns in CSV, where they differ. */
  readonly csvColumns?: readonly Column[];
  /** The containers that its own tools read it from, where those are not all. */
  readonly containers?: readonly ContainerName[];
  /** The kinds of judgement that the format holds. */
  readonly kinds: readonly Judgement['kind'][];
  /** The optional fields of judgements that it keeps, those of provenance as `provenance.time`; `*` is all of them. */
  readonly keeps: readonly string[];
  /**
   * The judgement as a row of one of `kinds`.
   *
   * @throws ExportFault when the format has no place for it
   */
  row(judgement: Judgement): ExportRow;
}

/** A judgement that says which of two responses is better. */
export interface Preferred {
  readonly prompt: Prompt;
  readonly chosen: string;
  readonly rejected: string;
  readonly margin?: number;
}

/** The winner and the loser of a comparison or an edit. */
export const preferred = (judgement: Judgement): Preferred => {
  const { prompt } = judgement;
  if (judgement.kind === 'edit') return { prompt, chosen: judgement.rewrite, rejected: judgement.response };
  const { outcome, responses, margin } = as<Comparison>(judgement, 'comparison');
  if (outcome === 'tie') throw new ExportFault('no_winner');
  if (outcome === 'both_bad') throw new ExportFault('both_bad');
  const [chosen, rejected] = outcome === 'a' ? responses : [responses[1], responses[0]];
  return { prompt, chosen, rejected, ...(margin !== undefined && { margin }) };
};

export const preferredKinds: readonly (Comparison | Edit)['kind'][] = ['comparison', 'edit'];

/** The judgement as one of the kind that a format holds. */
export const as = <Kind extends Judgement>(judgement: Judgement, kind: Kind['kind']): Kind => {
  if (judgement.kind !== kind) throw new ExportFault('other_kind');
  return judgement as Kind;
};

/** An answer as a conversation that goes on from the prompt. */
export const answerOf = (content: string): Message[] => [{ role: 'assistant', content }];

/** The text of a prompt that is one message of a user. */
export const oneTurn = (prompt: Prompt): string => {
  const [first, ...others] = prompt;
  if (first?.role !== 'user' || others.length > 0) throw new ExportFault('several_turns');
  return first.content;
};

/** Columns by name, of one type. */
export const columns = (type: Column['type'], ...names: readonly string[]): Column[] =>
  names.map((name) => ({ name, type }));
