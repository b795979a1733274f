import { type Comparison, type Judgement, Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { valuesOfJudgements } from '../agreement/criterion-values.ts';
import { preferenceTrees } from '../preference-trees.ts';
import { crowdBradleyTerry } from './crowd-bradley-terry.ts';
import { pairVotes } from './crowd-pairs.ts';
import { knownValues } from './known-values.ts';
import { majorityVote } from './majority-vote.ts';
import { oneCoin } from './one-coin.ts';
import { softComparisons } from './soft-comparisons.ts';

/** The better response is the longer one; `ann` and `bob` mostly see it, `cy` always takes what is shown first. */
const judgements = ((): Comparison[] => {
  const random = new Random(11);
  return Array.from({ length: 60 }, (_, i) => {
    // Which of the two sorts first says nothing.
    const texts: [string, string] = [
      `${random.integer(1e6)} short`,
      `${random.integer(1e6)} quite a bit longer`,
    ];
    return ['ann', 'bob', 'cy'].map((annotator): Comparison => {
      const turned = random.uniform() < 0.5;
      const shownFirst = random.uniform() < 0.5 ? 0 : 1;
      const better = turned ? 0 : 1;
      const right = random.uniform() < 0.9;
      const chosen = annotator === 'cy' ? shownFirst : right ? better : 1 - better;
      return {
        kind: 'comparison',
        prompt: [{ role: 'user', content: `prompt ${i}` }],
        responses: turned ? [texts[1], texts[0]] : texts,
        outcome: chosen === 0 ? 'a' : 'b',
        provenance: {
          source: `file ${annotator}`,
          annotator,
          annotatorKind: 'human',
          shownFirst,
          language: 'en',
        },
      };
    });
  }).flat();
})();
const longerWins = ({ responses, preference }: Comparison): boolean =>
  responses[0].length > responses[1].length === preference! > 0.5;

describe('soft comparisons', () => {
  const [table] = valuesOfJudgements(judgements).tables;

  it('are one for each pair, with the posterior as the preference of the first response', () => {
    const { comparisons, untouched } = softComparisons(judgements, oneCoin(table!.values));
    expect(comparisons).toHaveLength(60);
    expect(untouched).toEqual([]);
    for (const { preference, outcome } of comparisons)
      expect(outcome).toBe(preference! > 0.5 ? 'a' : preference! < 0.5 ? 'b' : 'tie');
    expect(comparisons.filter(longerWins).length).toBeGreaterThan(50);
  });

  it('come from crowd Bradley-Terry as well, which sees through the one who takes the first', () => {
    const model = crowdBradleyTerry(pairVotes(judgements).votes);
    const skill = new Map(model.annotators.map((one) => [one.annotator, one]));
    expect(skill.get('cy')!.skill).toBeLessThan(skill.get('ann')!.skill);
    expect(skill.get('cy')!.sideBias).toBeGreaterThan(0.7);
    const { comparisons } = softComparisons(judgements, model);
    const byMajority = softComparisons(judgements, majorityVote(table!.values)).comparisons;
    expect(comparisons.filter(longerWins).length).toBeGreaterThanOrEqual(
      byMajority.filter(longerWins).length,
    );
  });

  it('keep of the provenance what all votes share, and are trained on as they are', () => {
    const { comparisons } = softComparisons(judgements, majorityVote(table!.values));
    expect(comparisons[0]!.provenance).toEqual({
      source: 'file ann, file bob, file cy',
      annotatorKind: 'human',
      language: 'en',
    });
    const { trees } = preferenceTrees(comparisons);
    expect(trees.flatMap(({ pairs }) => pairs)).toHaveLength(60);
    for (const { preference } of trees.flatMap(({ pairs }) => pairs)) expect(preference).toBeDefined();
  });

  it('count ties as one half, and leave alone what the model does not know', () => {
    const tie = (annotator: string, outcome: Comparison['outcome']): Comparison => ({
      ...judgements[0]!,
      prompt: [{ role: 'user', content: 'another' }],
      outcome,
      provenance: { source: 'test', annotator },
    });
    const votes: Judgement[] = [tie('ann', 'tie'), tie('bob', 'a'), tie('cy', 'tie')];
    const nameless: Judgement = { ...judgements[3]!, provenance: { source: 'test' } };
    const values = valuesOfJudgements(votes).tables[0]!.values;
    const { comparisons, untouched } = softComparisons([...votes, nameless], majorityVote(values));
    expect(comparisons[0]).toMatchObject({ outcome: 'tie' });
    expect(comparisons[0]!.preference).toBeCloseTo(0.5 + 1 / 6, 12);
    expect(untouched).toEqual([nameless]);
  });
});

describe('known values', () => {
  it('are what the trusted say, but not where they contradict one another', () => {
    const [first, second] = [judgements[0]!, judgements[3]!];
    const turned = (one: Comparison): Comparison => ({ ...one, outcome: one.outcome === 'a' ? 'b' : 'a' });
    const { known, contradictory } = knownValues([first, second, turned(second)]);
    expect(contradictory).toBe(1);
    const [value] = valuesOfJudgements([first]).tables[0]!.values;
    expect([...known]).toEqual([[value!.unit, value!.value]]);
  });
});
