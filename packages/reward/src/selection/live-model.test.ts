/** @file Tests: a model that learns while people label. */
import { Random, sigmoid } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { type LiveAnswer, type LiveItem, LiveModel } from './live-model.ts';

const random = new Random(3);
const polite = ['gladly', 'certainly', 'thanks', 'please'];
const rude = ['no', 'nonsense', 'whatever', 'rubbish'];
const words = (from: readonly string[]): string =>
  Array.from({ length: 6 }, () => from[random.integer(from.length)]!).join(' ');
const items = Array.from(
  { length: 120 },
  (_, i): LiveItem => ({
    prompt: [{ role: 'user', content: `question ${i}` }],
    responses: [words(polite), words(rude)],
    heldOut: i % 5 === 0,
  }),
);
/** People who prefer the polite one nine times of ten. */
const answers = items.map(
  (_, item): LiveAnswer => ({
    item,
    pairs: [random.uniform() < 0.9 ? [0, 1] : [1, 0]],
  }),
);

describe('the live model', () => {
  it('learns from answers but not from those that measure it', () => {
    const model = new LiveModel(items);
    expect(model.curve()).toEqual([]);
    expect(model.leastCertain(1)).toBeNull();
    model.update(answers);
    expect(model.answers).toBe(96);
    const found = model.accuracy()!;
    expect(found.items).toBe(24);
    expect(found.share).toBeGreaterThan(0.8);
    expect(found.interval[0]).toBeLessThan(found.share);
    expect(model.leastCertain(1)!.probability).toBeGreaterThan(0.7);
  });

  it('is the same whether answers come one by one or at once', () => {
    const [one, all] = [new LiveModel(items), new LiveModel(items)];
    for (let count = 1; count <= answers.length; count++) one.update(answers.slice(0, count));
    all.update(answers);
    expect(one.curve()).toEqual(all.curve());
    expect(one.leastCertain(7)).toEqual(all.leastCertain(7));
  });

  it('forgets an answer that was taken back', () => {
    const [model, never] = [new LiveModel(items), new LiveModel(items)];
    model.update(answers);
    const left = answers.filter((_, at) => at !== 1);
    model.update(left);
    never.update(left);
    expect(model.answers).toBe(95);
    expect(model.curve()).toEqual(never.curve());
  });

  it('takes each item once on its curve, however many have answered it', () => {
    const model = new LiveModel(items);
    const held = answers.filter(({ item }) => items[item]!.heldOut);
    const twice = (answer: LiveAnswer): LiveAnswer => ({ ...answer, pairs: [[0, 1]] });
    model.update([...answers, ...held.slice(0, 1).map(twice), ...held.slice(0, 1).map(twice)]);
    expect(model.accuracy()!.items).toBe(24);
  });

  it('finds the closest two of a ranking the least certain', () => {
    const ranking: LiveItem[] = [
      ...items,
      {
        prompt: items[0]!.prompt,
        responses: [words(rude), 'gladly thanks', 'thanks gladly'],
        heldOut: false,
      },
    ];
    const model = new LiveModel(ranking);
    model.update(answers);
    const { pair, probability } = model.leastCertain(120)!;
    expect(pair).toEqual([1, 2]);
    expect(Math.abs(probability - 0.5)).toBeLessThan(Math.abs(sigmoid(1) - 0.5));
  });
});
