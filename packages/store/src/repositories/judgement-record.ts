/** @file A judgement as it is stored: its texts apart, each under its id, and the rest of the record as it was. */
import { canonicalJson, type Judgement, type Message } from '@plaudit/contract';
import { responsesOf } from '@plaudit/feedback';
import { responseId, sha256 } from '../ids.ts';
import { storable, storableName } from '../names.ts';

/** A text under its id, as the JSON that is stored. */
export interface StoredText {
  readonly id: string;
  readonly json: string;
}

export interface StoredJudgement {
  readonly id: string;
  readonly kind: Judgement['kind'];
  readonly prompt: StoredText;
  /** In the order of the record; of an edit the response and then its rewrite. */
  readonly responses: readonly StoredText[];
  readonly annotator:
    | { readonly name: string; readonly kind: Judgement['provenance']['annotatorKind'] }
    | undefined;
  readonly source: string;
  readonly criterion: string | null;
  readonly language: string | null;
  /** Canonical JSON of the record without its texts. */
  readonly said: string;
}

export const toStored = (judgement: Judgement): StoredJudgement => {
  const { source, annotator, annotatorKind, language } = judgement.provenance;
  const promptJson = canonicalJson(judgement.prompt);
  const prompt = { id: sha256(promptJson), json: promptJson };
  return {
    id: sha256(canonicalJson(judgement)),
    kind: judgement.kind,
    prompt,
    responses: responsesOf(judgement).map((text) => ({
      id: responseId(prompt.id, text),
      json: JSON.stringify(text),
    })),
    annotator: annotator === undefined ? undefined : { name: storableName(annotator), kind: annotatorKind },
    source: storable(source),
    criterion: judgement.criterion === undefined ? null : storable(judgement.criterion),
    language: language === undefined ? null : storable(language),
    said: canonicalJson(withoutTexts(judgement)),
  };
};

/** Steps stay with the record: their response can be made from them, but not they from it. */
const withoutTexts = (judgement: Judgement): object => {
  switch (judgement.kind) {
    case 'comparison':
    case 'ranking': {
      const { prompt, responses, ...said } = judgement;
      return said;
    }
    case 'rating':
    case 'label': {
      const { prompt, response, ...said } = judgement;
      return said;
    }
    case 'edit': {
      const { prompt, response, rewrite, ...said } = judgement;
      return said;
    }
    case 'steps': {
      const { prompt, ...said } = judgement;
      return said;
    }
  }
};

/** The judgement of a stored row and its texts. */
export const toJudgement = (
  said: object,
  prompt: readonly Message[],
  responses: readonly string[],
): Judgement => {
  const record = { ...said, prompt } as unknown as Judgement;
  switch (record.kind) {
    case 'comparison':
    case 'ranking':
      return { ...record, responses } as Judgement;
    case 'rating':
    case 'label':
      return { ...record, response: responses[0]! };
    case 'edit':
      return { ...record, response: responses[0]!, rewrite: responses[1]! };
    case 'steps':
      return record;
  }
};
