/** @file Rows that cannot be used: the closed list of reasons, and the record that says so. */

/** Why a row was set aside, with the words that a person reads. They never carry the row's content. */
export const rejectReasons = {
  not_json: 'the row is not valid JSON',
  not_python: 'the row is not a Python literal',
  not_an_object: 'the row is not a JSON object',
  wrong_column_count: 'the row has another number of columns than the header',
  missing_prompt: 'there is no prompt',
  empty_prompt: 'the prompt is empty',
  missing_response: 'a response is absent',
  empty_response: 'a response is empty',
  not_text: 'the value is not text',
  bad_message: 'a chat message lacks a known role or a text content',
  equal_responses: 'the two responses are equal',
  repeated_response: 'a response is ranked twice',
  prompts_differ: 'the two responses answer different prompts',
  no_answer: 'the conversation does not end with an answer',
  missing_label: 'the judgement is absent',
  label_out_of_range: 'the judgement is outside its range',
  missing_reward: 'a reward is absent',
  reward_not_finite: 'a reward is not a finite number',
  missing_scale: 'the scale is not declared, and all values are equal',
  no_majority: 'no outcome has most of the votes',
  nothing_ranked: 'fewer than two responses are ranked',
  attention_check: 'the row is a check of the annotator and no judgement',
  synthetic: 'a model wrote the text',
  too_many_turns: 'the conversation has too many turns',
  several_prompts: 'the row holds several prompts',
  repeated_impression: 'an impression of this id came before',
  unknown_impression: 'the event is of an impression that is not in the log',
  before_impression: 'the event is older than its impression',
  bad_field: 'the field does not have the expected form',
} as const;

export type RejectReason = keyof typeof rejectReasons;

/** A row, or a part of one, that was set aside. */
export interface Reject {
  /** Name of the file, without its folder. */
  readonly source: string;
  /** 1-based line of JSONL, 1-based index of a JSON array, 1-based record of CSV without its header. */
  readonly row: number;
  readonly field?: string;
  readonly reason: RejectReason;
  readonly message: string;
}

/** What a format throws when a row cannot be used; the reader turns it into a `Reject` or an error. */
export class RowFault extends Error {
  override readonly name = 'RowFault';
  readonly reason: RejectReason;
  readonly field: string | undefined;

  constructor(reason: RejectReason, field?: string) {
    super(rejectReasons[reason]);
    this.reason = reason;
    this.field = field;
  }
}
