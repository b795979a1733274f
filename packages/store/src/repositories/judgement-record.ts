/** @file A judgement as it is stored: its texts apart, each under its id, and the rest of the record as it was. */
import { canonicalJson, type Judgement, type Message } from '@plaudit/contract';
import { responsesOf } from '@plaudit/feedback';
import { responseIdOfJson, sha256 } from '../ids.ts';
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

/**
 * Each part is serialised once: the canonical JSON of the record, of which the id is the hash, is put together from that
 * of its fields.
 */
export const toStored = (judgement: Judgement): StoredJudgement => {
  const { source, annotator, annotatorKind, language } = judgement.provenance;
  const promptJson = canonicalJson(judgement.prompt);
  const prompt = { id: sha256(promptJson), json: promptJson };
  const responses = responsesOf(judgement).map((text) => {
    const json = JSON.stringify(text);
    return { id: responseIdOfJson(prompt.id, json), json };
  });
  const texts: Readonly<Record<string, string | undefined>> = {
    prompt: promptJson,
    ...textFields(judgement, responses),
  };
  const whole: string[] = [];
  const said: string[] = [];
  for (const name of Object.keys(judgement).sort()) {
    const value = judgement[name as keyof Judgement] as unknown;
    if (value === undefined) continue;
    const text = texts[name];
    const field = `${JSON.stringify(name)}:${text ?? canonicalJson(value)}`;
    whole.push(field);
    if (text === undefined) said.push(field);
  }
  return {
    id: sha256(`{${whole.join(',')}}`),
    kind: judgement.kind,
    prompt,
    responses,
    annotator: annotator === undefined ? undefined : { name: storableName(annotator), kind: annotatorKind },
    source: storable(source),
    criterion: judgement.criterion === undefined ? null : storable(judgement.criterion),
    language: language === undefined ? null : storable(language),
    said: `{${said.join(',')}}`,
  };
};

/** The fields that are the responses' texts. Steps stay in the record: their response can be made from them, but not they from it. */
const textFields = (
  { kind }: Judgement,
  responses: readonly StoredText[],
): Readonly<Record<string, string | undefined>> => {
  const [first, second] = responses.map(({ json }) => json);
  switch (kind) {
    case 'comparison':
    case 'ranking':
      return { responses: `[${responses.map(({ json }) => json).join(',')}]` };
    case 'rating':
    case 'label':
      return { response: first };
    case 'edit':
      return { response: first, rewrite: second };
    case 'steps':
      return {};
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
