/** @file The texts of a judgement that people wrote: every kind's, by the path of the field. */
import type { Judgement, Prompt, Provenance } from '@plaudit/contract';

/**
 * The new text of a field.
 *
 * @param before The new text of what was said before it in the conversation, or of the step before
 */
type TextMap = (text: string, field: string, before: string) => string;

/**
 * The judgement with every text that somebody may have written passed through `map`: messages of the prompt, responses,
 * rewrite, steps, the criterion and the values of segments. The source, the language and the annotator are not texts.
 */
export const mapTexts = (judgement: Judgement, map: TextMap): Judgement => {
  const prompt = mapPrompt(judgement.prompt, map);
  const last = prompt.at(-1)!.content;
  const common = {
    prompt,
    ...(judgement.criterion !== undefined && { criterion: map(judgement.criterion, 'criterion', '') }),
    provenance: mapProvenance(judgement.provenance, map),
  };
  switch (judgement.kind) {
    case 'comparison': {
      const [a, b] = judgement.responses;
      return {
        ...judgement,
        ...common,
        responses: [map(a, 'responses.0', last), map(b, 'responses.1', last)],
      };
    }
    case 'ranking':
      return {
        ...judgement,
        ...common,
        responses: judgement.responses.map((text, i) => map(text, `responses.${i}`, last)),
      };
    case 'rating':
    case 'label':
      return { ...judgement, ...common, response: map(judgement.response, 'response', last) };
    case 'edit':
      return {
        ...judgement,
        ...common,
        response: map(judgement.response, 'response', last),
        rewrite: map(judgement.rewrite, 'rewrite', last),
      };
    case 'steps': {
      let before = last;
      const steps = judgement.steps.map((text, i) => {
        before = map(text, `steps.${i}`, before);
        return before;
      });
      return { ...judgement, ...common, steps };
    }
  }
};

const mapPrompt = (prompt: Prompt, map: TextMap): Prompt => {
  let before = '';
  return prompt.map((message, i) => {
    before = map(message.content, `prompt.${i}.content`, before);
    return { ...message, content: before };
  });
};

const mapProvenance = (provenance: Provenance, map: TextMap): Provenance =>
  provenance.segments === undefined
    ? provenance
    : {
        ...provenance,
        segments: Object.fromEntries(
          Object.entries(provenance.segments).map(([name, value]) => [
            name,
            map(value, `provenance.segments.${name}`, ''),
          ]),
        ),
      };
