/** @file Whether layout alone tells which response wins: lists, headings, bold and the like. */
import { Random } from '@plaudit/contract';
import { z } from 'zod';
import { mix } from '../../duplicates/text-grams.ts';
import { ClusteredShare, PromptDraws } from '../clustered-share.ts';
import type { MeasuredShare } from '../document.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { Reservoir } from '../reservoir.ts';
import { percent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';
import { styleDifference, styleFeatures, styleOf } from './style-features.ts';
import { fitWinners, mirroredAuc, type StyledPair, scoreOf } from './style-logit.ts';

const folds = 5;
const fewestPairs = 50;

export const styleBias = defineGate({
  name: 'style-bias',
  title: 'Style bias',
  family: 'bias',
  unit: 'coefficient',
  required: false,
  memory: 'nothing',
  fix: 'Compare responses of like layout, strip Markdown before judging, or give the reward model the style features as covariates: otherwise it will learn to like lists and bold type.',
  settings: z.strictObject({
    ...thresholds({ most: 0.6 }, { most: 0.75 }),
    /** Pairs that are looked at, drawn at random where there are more. */
    pairs: z.number().int().min(fewestPairs).default(50_000),
  }),
  start: ({ pairs: room }) => {
    const sample = new Reservoir<StyledPair>(room, new Random(0, 'style bias'));
    return {
      add: ({ decisions, responses, promptKey }) => {
        const decided = decisions.filter(({ tie }) => !tie);
        if (decided.length === 0) return;
        const styles = responses.map(styleOf);
        for (const { winner, loser } of decided)
          sample.add(() => ({
            difference: styleDifference(styles[winner]!, styles[loser]!),
            prompt: promptKey,
          }));
      },
      finish: () => {
        const pairs = sample.items;
        if (pairs.length < fewestPairs)
          return notApplicable(
            `Only ${plural(pairs.length, 'pair')} ${pairs.length === 1 ? 'was' : 'were'} decided: at least ${fewestPairs} are needed to fit a model of style.`,
            'decided pairs',
          );
        const { auc, standardError } = mirroredAuc(
          crossFittedScores(pairs),
          pairs.map(({ prompt }) => prompt),
        );
        const interval: [number, number] = [
          Math.max(0, auc - 1.959964 * standardError),
          Math.min(1, auc + 1.959964 * standardError),
        ];
        const weights = fitWinners(pairs, styleFeatures.length);
        const styled = pairs.filter(({ difference }) => difference.some((x) => x !== 0)).length;
        return {
          value: auc,
          interval,
          neutral: 0.5,
          n: pairs.length,
          noun: 'decided pairs',
          reason: `Layout alone tells the winner with an AUC of ${auc.toFixed(3)} (${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}; a coin has 0.5) on ${plural(pairs.length, 'pair')} that the fit had not seen; ${percent(styled / pairs.length)} of them differ in layout at all.${
            sample.seen > pairs.length ? ` They were drawn from ${plural(sample.seen, 'pair')}.` : ''
          }`,
          measures: {
            pairsThatDiffer: styled / pairs.length,
            ...Object.fromEntries(styleFeatures.map((name, i) => [`weight of ${name}`, weights[i]!])),
          },
          pictures:
            styled === 0
              ? []
              : [
                  {
                    kind: 'bars',
                    title: 'How often the response with more of it wins',
                    caption: 'Of the pairs in which one response has more, with 95 % intervals.',
                    noun: 'pairs',
                    mark: 0.5,
                    items: styleFeatures.flatMap((name, i) => moreWins(name, i, pairs)),
                    omitted: 0,
                  },
                ],
        };
      },
    };
  },
});

/** How often the response with more of a feature wins, over the prompts; nothing where no pair differs in it. */
const moreWins = (name: string, feature: number, pairs: readonly StyledPair[]): MeasuredShare[] => {
  const draws = new PromptDraws();
  const share = new ClusteredShare();
  for (const { difference, prompt } of pairs) {
    const more = difference[feature]!;
    if (more !== 0) share.add(Number(more > 0), prompt, draws.of(prompt));
  }
  return share.n === 0 ? [] : [{ name, value: share.value, interval: share.interval, n: share.n }];
};

/** Scores by weights that were fitted on other prompts. */
const crossFittedScores = (pairs: readonly StyledPair[]): Float64Array => {
  const fold = pairs.map(({ prompt }) => mix(prompt >>> 0) % folds);
  const weights = Array.from({ length: folds }, (_, held) =>
    fitWinners(
      pairs.filter((_, i) => fold[i] !== held),
      styleFeatures.length,
    ),
  );
  return Float64Array.from(pairs, ({ difference }, i) => scoreOf(difference, weights[fold[i]!]!));
};
