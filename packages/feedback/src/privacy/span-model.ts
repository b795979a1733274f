/** @file The door for a model that finds what patterns cannot: names of people, postal addresses. None comes with Plaudit. */
import { type Finding, typeName } from './recogniser.ts';

/** What a model found in one text; offsets in UTF-16 code units, as JavaScript counts. */
export interface ModelSpan {
  readonly start: number;
  readonly end: number;
  /** Such as PERSON or ADDRESS. */
  readonly type: string;
  /** 0 to 1. */
  readonly score: number;
}

/**
 * Any named-entity recogniser: a token classifier in ONNX, a service of your own, a list of your customers' names.
 *
 * @example
 * const names: SpanModel = {
 *   name: 'our-ner', version: '2026-05',
 *   find: async (texts) => Promise.all(texts.map((text) => ner(text))),
 * };
 */
export interface SpanModel {
  readonly name: string;
  /** Changes whenever what it finds does. */
  readonly version: string;
  /** One list for each text, in the order of the texts. */
  readonly find: (texts: readonly string[]) => Promise<readonly (readonly ModelSpan[])[]>;
}

/**
 * A model's findings in the texts.
 *
 * @throws RangeError where it answers for another number of texts or outside a text
 */
export const findWithModel = async (model: SpanModel, texts: readonly string[]): Promise<Finding[][]> => {
  const answer = await model.find(texts);
  if (answer.length !== texts.length)
    throw new RangeError(`${model.name} answered for another number of texts`);
  return answer.map((spans, i) =>
    spans.map(({ start, end, type, score }) => {
      const inside =
        Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end <= texts[i]!.length;
      if (!inside || start >= end || !(score >= 0 && score <= 1) || !typeName.test(type))
        throw new RangeError(`${model.name} gave a span that is outside its text or has no type or score`);
      return { start, end, type, score, recogniser: model.name, version: model.version };
    }),
  );
};
