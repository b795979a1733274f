/** @file Le-Wi-Di items (learning with disagreement): one text and every annotator's own value for it, for one task or several.
 * @see Leonardelli et al. 2023 and 2025, https://le-wi-di.github.io
 */
import type { Prompt, Rating } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import {
  hasFields,
  isRow,
  labelNumber,
  optionalText,
  promptText,
  type Row,
  responseText,
} from '../fields.ts';
import { RowFault } from '../reject.ts';
import {
  absentPrompt,
  absentPromptSegment,
  type Format,
  faultAt,
  provenanceOf,
  type RowPlace,
  readParts,
} from './format.ts';

export const leWiDi: Format<'le-wi-di'> = {
  name: 'le-wi-di',
  fields: 'text, annotation task, annotations, annotators, soft_label',
  responseFields: ['text'],
  detect: (row) => hasFields(row, 'text', 'annotation task', 'annotations', 'annotators'),
  survey(row, seen) {
    const votes = votesOf(row.annotations, row.annotators);
    for (const [, value] of votes ?? []) seen.add(optionalText(row, 'annotation task'), value);
  },
  parse(row, place): Rating[] {
    const task = promptText(row, 'annotation task');
    const item = itemOf(row, task);
    const votes = votesOf(row.annotations, row.annotators);
    if (!votes) throw new RowFault('bad_field', 'annotations');
    const shared = { kind: 'rating' as const, prompt: item.prompt, response: item.response };
    const provenance = (annotator: string) =>
      provenanceOf(place, {
        annotator,
        annotatorKind: 'human',
        language: optionalText(row, 'lang'),
        segments: { ...item.segments, ...segmentsOf(row, annotator) },
      });
    const categories = categoriesOf(row);
    const own = categories
      ? readParts(votes, place, ([annotator, said]): Rating[] => {
          // Nobody is known to be behind a vote that is not of the named categories.
          const chosen = said.split(',').map((name) => name.trim());
          if (chosen.some((name) => !categories.includes(name)))
            throw new RowFault('label_out_of_range', 'annotations');
          return categories.map((criterion) => ({
            ...shared,
            criterion,
            value: chosen.includes(criterion) ? 1 : 0,
            scale: { least: 0, most: 1 },
            provenance: provenance(annotator),
          }));
        })
      : readParts(votes, place, ([annotator, said]): Rating[] => [
          {
            ...shared,
            criterion: task,
            value: faultAt('annotations', () => labelNumber({ said }, 'said')),
            scale: scaleOf(row, task, place),
            provenance: provenance(annotator),
          },
        ]);
    const others = readParts(otherTasks(row), place, ([criterion, said]) => {
      const values = votesOf(said, row.annotators);
      if (!values) throw new RowFault('bad_field', 'other_info');
      return readParts(values, place, ([annotator, value]): Rating[] => [
        {
          ...shared,
          criterion,
          value: faultAt('other_info', () => labelNumber({ value }, 'value')),
          scale: { least: 0, most: 1 },
          provenance: provenance(annotator),
        },
      ]);
    });
    return [...own, ...others];
  },
};

/** Votes by annotator: an object of them, or two lists as text that go side by side. Not votes: `undefined`. */
const votesOf = (
  annotations: unknown,
  annotators: unknown,
): [annotator: string, said: string][] | undefined => {
  if (isRow(annotations))
    return Object.keys(annotations).map((annotator) => [
      annotator,
      optionalText(annotations, annotator) ?? '',
    ]);
  if (typeof annotations !== 'string' || typeof annotators !== 'string') return undefined;
  const [said, by] = [annotations.split(','), annotators.split(',')];
  if (said.length !== by.length) return undefined;
  return by.map((annotator, i) => [annotator.trim(), said[i]!.trim()]);
};

interface Item {
  readonly prompt: Prompt;
  readonly response: string;
  readonly segments?: Record<string, string>;
}

/** The names under which a text in two parts has what came first and what was judged. */
const twoParts = [
  ['context', 'response'],
  ['post', 'reply'],
  ['context', 'statement'],
  ['Question1', 'Question2'],
] as const;

/** What was judged, and what stood before it. A dialogue is judged by its user's last turn. */
const itemOf = (row: Row, task: string): Item => {
  const parts = isRow(row.text) ? row.text : dialogueOf(row.text);
  if (!parts) {
    const response = responseText(row, 'text');
    return { prompt: absentPrompt(task), response, segments: absentPromptSegment };
  }
  if (hasFields(parts, 'prev_agent', 'prev_user', 'agent', 'user')) {
    const turn = (name: string): string => optionalText(parts, name) ?? '';
    return {
      prompt: [
        { role: 'assistant', content: turn('prev_agent') },
        { role: 'user', content: turn('prev_user') },
        { role: 'assistant', content: turn('agent') },
      ],
      response: faultAt('text.user', () => responseText(parts, 'user')),
    };
  }
  const names = twoParts.find((pair) => hasFields(parts, ...pair));
  if (!names) throw new RowFault('bad_field', 'text');
  return {
    prompt: toPrompt(faultAt(`text.${names[0]}`, () => promptText(parts, names[0]))),
    response: faultAt(`text.${names[1]}`, () => responseText(parts, names[1])),
  };
};

/** A dialogue is JSON text inside the text. */
const dialogueOf = (text: unknown): Row | undefined => {
  if (typeof text !== 'string' || !text.startsWith('{"prev_agent"')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isRow(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/** The names of categories, where a vote is a choice among them and the soft label has a part for each. */
const categoriesOf = (row: Row): string[] | undefined => {
  if (!isRow(row.soft_label)) return undefined;
  const parts = Object.entries(row.soft_label);
  return parts.length > 0 && parts.every(([, part]) => isRow(part)) ? parts.map(([name]) => name) : undefined;
};

/** The ends of the soft label's scale, or of all votes for the task in the file where some lie outside it. */
const scaleOf = (row: Row, task: string, place: RowPlace): Rating['scale'] => {
  const seen = place.seen?.scale(task) ?? { least: 0, most: 0 };
  const named = isRow(row.soft_label) ? Object.keys(row.soft_label).map(Number).filter(Number.isFinite) : [];
  const [least, most] = [Math.min(...named), Math.max(...named)];
  if (named.length > 0 && seen.least >= least && seen.most <= most) return { least, most };
  return seen;
};

/** The values for further tasks, each a list as text. */
const otherTasks = (row: Row): [task: string, said: unknown][] => {
  const info = isRow(row.other_info) ? row.other_info : {};
  const others = info['other annotations'] ?? info.other_annotations;
  return isRow(others) ? Object.entries(others) : [];
};

const namedInfo = ['domain', 'source', 'language_variety', 'bot', 'level'];

/** What is known of the item and of the annotator. */
const segmentsOf = (row: Row, annotator: string): Record<string, string> => {
  const info = isRow(row.other_info) ? row.other_info : {};
  const segments: [string, string | undefined][] = [
    ['split', optionalText(row, 'split')],
    ...namedInfo.map((name): [string, string | undefined] => [name, optionalText(info, name)]),
    ['group', groupOf(info, row.annotators, annotator)],
  ];
  return Object.fromEntries(segments.filter((one): one is [string, string] => one[1] !== undefined));
};

/** The group of an annotator: under its own name, or in a list beside that of the annotators. */
const groupOf = (info: Row, annotators: unknown, annotator: string): string | undefined => {
  const own = optionalText(info, annotator);
  if (own !== undefined) return own;
  const named = votesOf(info['annotators group'], annotators)?.find(([name]) => name === annotator)?.[1];
  return named === undefined ? undefined : (optionalText(info, named) ?? named);
};
