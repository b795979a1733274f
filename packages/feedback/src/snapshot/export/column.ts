/** @file The columns of an exported row, and what in a row a format or a container has no place for. */

/**
 * What a column holds: text, chat messages, a list of texts, a list of true, false and null, a number, true or false, or
 * any JSON value.
 */
export type ColumnType = 'text' | 'messages' | 'texts' | 'truths' | 'number' | 'truth' | 'json';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** What the rows are written into, by the ending of the file's name. */
export type ContainerName = 'jsonl' | 'json' | 'csv' | 'parquet';

/** A row by its columns; a column without a value is absent. */
export type ExportRow = Readonly<Record<string, unknown>>;

/** Why a judgement cannot be written in a format, with the words that a person reads. */
export const exportReasons = {
  other_kind: 'the format has no place for this kind of judgement',
  no_winner: 'the format has no place for a tie',
  both_bad: 'the format has no place for two bad responses',
  several_turns: 'the format has one text for the prompt, and the prompt has several turns or another role',
  roles: 'the format has no place for the order or the roles of these turns',
  marks_in_text: 'the text holds the marks by which the format tells turns apart',
  text_trimmed: 'the format does not keep white space at the ends of a text',
  separator: 'the format joins steps with a line break, and these are joined otherwise',
  step_without_label: 'a step has no label, and the format needs one for each',
  preference_differs:
    'the shares of votes say another outcome than the judgement, and the format keeps the shares alone',
  repeated_prompt: 'the prompt was written before',
  cell_misread: 'a cell would be read back as something else: it is empty, or looks like chat messages',
} as const;

export type ExportReason = keyof typeof exportReasons;

/** What an export format throws when it cannot hold a judgement; the export counts it. */
export class ExportFault extends Error {
  override readonly name = 'ExportFault';
  readonly reason: ExportReason;

  constructor(reason: ExportReason) {
    super(exportReasons[reason]);
    this.reason = reason;
  }
}
