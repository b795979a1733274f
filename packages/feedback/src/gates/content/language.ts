/** @file In which languages prompts and preferred responses are, and whether that was to be expected. */
import { type Prompt, Random } from '@plaudit/contract';
import { z } from 'zod';
import { wilsonInterval } from '../../statistics/bootstrap.ts';
import type { CheckedRow } from '../checked-row.ts';
import type { MeasuredShare, RowReference } from '../document.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { Reservoir } from '../reservoir.ts';
import { between, percent, plural, shortName } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';
import { longestText } from './language-id.ts';

/** Rows that are looked at, drawn at random: identifying one text takes most of a millisecond. */
const sampleSize = z.number().int().min(10).default(800);
const shown = 12;

/** What is asked at the end, which is what an answer's language has to fit. */
const question = (prompt: Prompt): string => {
  const turns = prompt.filter(({ role }) => role === 'user');
  return (turns.at(-1) ?? prompt.at(-1)!).content.slice(0, longestText);
};

/** The base of a language tag: `en` of `en-GB`. */
const baseOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0]!;

interface Asked {
  readonly text: string;
  readonly declared: string | undefined;
  readonly reference: RowReference;
}

/** Loaded when it is needed: its tables take 30 MB. */
const identifier = async (): Promise<(text: string) => string | null> =>
  (await import('./language-id.ts')).languageOf;

export const language = defineGate({
  name: 'language',
  title: 'Languages of the prompts',
  family: 'content',
  unit: 'share',
  required: false,
  memory: 'nothing',
  fix: 'Correct the language that the rows declare, or take out the languages that were not asked for: few rows of a language teach a model to guess in it.',
  settings: z.strictObject({
    ...thresholds({ most: 0.05 }, { most: 0.3 }),
    /** Languages that are to be expected, as ISO 639-1 codes. Default: of each row the one that it declares. */
    expected: z.array(z.string().min(2)).min(1).optional(),
    sample: sampleSize,
  }),
  start: ({ expected, sample: room }) => {
    const sample = new Reservoir<Asked>(room, new Random(0, 'language'));
    return {
      add: ({ prompt, judgement: { provenance }, reference }) =>
        sample.add(() => ({ text: question(prompt), declared: provenance.language, reference })),
      finish: async () => {
        if (sample.items.length === 0) return notApplicable('There are no prompts.', 'prompts');
        const languageOf = await identifier();
        const allowed = expected && new Set(expected.map(baseOf));
        const counts = new Map<string, number>();
        const evidence = new Evidence();
        let checked = 0;
        let wrong = 0;
        for (const { text, declared, reference } of sample.items) {
          const found = languageOf(text);
          const name = found ?? 'unknown';
          counts.set(name, (counts.get(name) ?? 0) + 1);
          const fits = allowed ?? (declared === undefined ? null : new Set([baseOf(declared)]));
          if (found === null || fits === null) continue;
          checked++;
          if (fits.has(found)) continue;
          wrong++;
          evidence.add(reference);
        }
        const unknown = counts.get('unknown') ?? 0;
        const named = [...counts].filter(([name]) => name !== 'unknown').sort((a, b) => b[1] - a[1]);
        const looked = sample.items.length;
        const mostly = named[0]
          ? `Of ${plural(looked, 'prompt')} looked at ${percent(named[0][1] / looked)} are in ${named[0][0]}, ${percent(unknown / looked)} too short or mixed to tell.`
          : `The language of none of ${plural(looked, 'prompt')} can be told.`;
        const pictures = [
          {
            kind: 'bars' as const,
            title: 'Languages of the prompts',
            caption: 'Identified from up to 400 characters; unknown where that is not sure enough.',
            noun: 'prompts',
            mark: null,
            items: [...named.slice(0, shown), ['unknown', unknown] as const].map(
              ([name, n]): MeasuredShare => ({
                name,
                value: n / looked,
                interval: wilsonInterval(n / looked, looked),
                n,
              }),
            ),
            omitted: Math.max(0, named.length - shown),
          },
        ];
        const measures = { looked, unknown: unknown / looked };
        if (checked === 0)
          return {
            ...notApplicable(
              `${mostly} No language is expected or declared that it could be held against.`,
              'prompts',
            ),
            measures,
            pictures,
          };
        const value = wrong / checked;
        const interval = wilsonInterval(value, checked);
        return {
          value,
          interval,
          n: checked,
          noun: 'prompts of known language',
          reason: `${mostly} ${percent(value)} (${between(interval)}) of those that can be told are in another language than ${allowed ? `the expected (${[...allowed].map(shortName).join(', ')})` : 'their row declares'}.`,
          evidence: evidence.found,
          measures,
          pictures,
        };
      },
    };
  },
});

/** The response that a row prefers, or its only one; null where it prefers none. */
const preferred = ({ judgement, responses, decisions }: CheckedRow): string | null => {
  if (judgement.kind === 'label') return judgement.desirable ? judgement.response : null;
  if (responses.length === 1) return responses[0]!;
  const decided = decisions.find(({ tie }) => !tie);
  return decided ? responses[decided.winner]! : null;
};

export const answerLanguage = defineGate({
  name: 'answer-language',
  title: 'Answers in another language',
  family: 'content',
  unit: 'share',
  required: false,
  memory: 'nothing',
  fix: 'Read the rows listed: translations are meant to be so; other preferred answers in a language that was not asked for teach a model to switch languages.',
  settings: z.strictObject({ ...thresholds({ most: 0.05 }, { most: 0.3 }), sample: sampleSize }),
  start: ({ sample: room }) => {
    const sample = new Reservoir<{ asked: string; answered: string; reference: RowReference }>(
      room,
      new Random(0, 'answer language'),
    );
    return {
      add: (row) => {
        const answered = preferred(row);
        if (answered === null) return;
        sample.add(() => ({
          asked: question(row.prompt),
          answered: answered.slice(0, longestText),
          reference: row.reference,
        }));
      },
      finish: async () => {
        const languageOf = await identifier();
        const evidence = new Evidence();
        let told = 0;
        for (const { asked, answered, reference } of sample.items) {
          const [of, by] = [languageOf(asked), languageOf(answered)];
          if (of === null || by === null) continue;
          told++;
          if (of !== by) evidence.add(reference);
        }
        if (told === 0)
          return notApplicable(
            'Of no row can the languages of prompt and preferred response both be told.',
            'rows',
          );
        const { total } = evidence.found;
        const value = total / told;
        const interval = wilsonInterval(value, told);
        return {
          value,
          interval,
          n: told,
          noun: 'rows of known languages',
          reason: `In ${percent(value)} (${between(interval)}) of ${plural(told, 'row')} looked at the preferred response is in another language than the question.`,
          evidence: evidence.found,
          measures: { looked: sample.items.length },
        };
      },
    };
  },
});
