import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batcher, type BatchRun, type Entry } from './batcher.ts';

interface Asked {
  readonly items: readonly string[];
  readonly signal: AbortSignal;
  answer(): void;
  fail(error: unknown): void;
}

/** A model whose batches end when the test says so; an outcome repeats its item. */
const model = () => {
  const asked: Asked[] = [];
  const run = (items: readonly string[], signal: AbortSignal): Promise<BatchRun<string>> =>
    new Promise((resolve, reject) => {
      asked.push({
        items,
        signal,
        answer: () => resolve({ outcomes: items.map((item) => `${item}!`), milliseconds: 10 }),
        fail: reject,
      });
    });
  return { asked, run };
};

const entry = (item: string, tokens = 10, size = 1): Entry<string> => ({ item, size, tokens });
const soon = (milliseconds = 0): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
const one = { atOnce: 1, maxWait: 1 };

describe('a batcher', () => {
  it('runs together what comes within the wait, sorted by length', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, { ...one, maxWait: 5 });
    const answers = [
      batcher.add(entry('long', 90)),
      batcher.add(entry('short', 5)),
      batcher.add(entry('middle', 40)),
    ];
    await soon(20);
    expect(asked.map(({ items }) => items)).toEqual([['short', 'middle', 'long']]);
    asked[0]!.answer();
    expect((await Promise.all(answers)).map(({ outcome }) => outcome)).toEqual([
      'long!',
      'short!',
      'middle!',
    ]);
    expect((await answers[0]!).batchSize).toBe(3);
  });

  it('does not wait where a batch is full, and cuts by tokens and by responses', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, { atOnce: 9, maxWait: 10_000, maxTokens: 100, maxItems: 4 });
    for (const [item, tokens, size] of [
      ['a', 60, 1],
      ['b', 60, 1],
      ['c', 1, 3],
      ['d', 1, 3],
    ] as const)
      void batcher.add(entry(item, tokens, size));
    await soon();
    expect(asked.map(({ items }) => items)).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('lets an item that is larger than any batch run alone', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, { ...one, maxTokens: 100 });
    void batcher.add(entry('huge', 1000));
    await soon(5);
    expect(asked[0]!.items).toEqual(['huge']);
  });

  it('refuses at once what does not fit into the queue, counting responses and not requests', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, { ...one, maxQueue: 10 });
    const taken = batcher.add(entry('first', 10, 8));
    const began = performance.now();
    await expect(batcher.add(entry('second', 10, 3))).rejects.toMatchObject({
      code: 'serving.overloaded',
      status: 429,
      parameters: { retryAfter: 1 },
    });
    expect(performance.now() - began).toBeLessThan(50);
    await expect(batcher.add(entry('never', 10, 11))).rejects.toMatchObject({ code: 'serving.too_many' });
    await soon(5);
    asked[0]!.answer();
    await taken;
    expect(batcher.load).toBe(0);
    const after = batcher.add(entry('third', 10, 3));
    await soon(5);
    asked[1]!.answer();
    expect((await after).outcome).toBe('third!');
  });

  it('never runs an item whose caller hung up, and aborts a batch that nobody waits for', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, { ...one });
    const [first, second] = [new AbortController(), new AbortController()];
    const answers = [
      batcher.add(entry('running'), { signal: first.signal }),
      soon(5).then(() => batcher.add(entry('waiting'), { signal: second.signal })),
    ].map((answer) => answer.catch(({ code }) => code));
    await soon(15);
    second.abort();
    first.abort();
    expect(await Promise.all(answers)).toEqual(['serving.cancelled', 'serving.cancelled']);
    expect(asked[0]!.signal.aborted).toBe(true);
    asked[0]!.answer();
    await soon(10);
    expect(asked).toHaveLength(1);
    expect(batcher.load).toBe(0);
  });

  it('gives up at the deadline and not before', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, one);
    const began = performance.now();
    await expect(batcher.add(entry('late'), { deadline: began + 30 })).rejects.toMatchObject({
      code: 'serving.deadline',
    });
    expect(performance.now() - began).toBeGreaterThan(25);
    expect(asked[0]!.signal.aborted).toBe(true);
  });

  it('tries what was with a lost model once more, alone, so that one item takes no other with it', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, one);
    const answers = [batcher.add(entry('poison')), batcher.add(entry('good'))].map((answer) =>
      answer.then(
        ({ outcome }) => outcome,
        ({ code }) => code,
      ),
    );
    const lost = Object.assign(new Error('lost'), { code: 'serving.worker_lost' });
    await soon(5);
    asked[0]!.fail(lost);
    await soon(5);
    for (let next = 1; next < 3; next++) {
      expect(asked[next]!.items).toHaveLength(1);
      if (asked[next]!.items[0] === 'poison') asked[next]!.fail(lost);
      else asked[next]!.answer();
      await soon(5);
    }
    expect(await Promise.all(answers)).toEqual(['serving.worker_lost', 'good!']);
  });

  it('is drained when the last answer is there', async () => {
    const { asked, run } = model();
    const batcher = new Batcher('m', run, one);
    await batcher.drained();
    let drained = false;
    const answer = batcher.add(entry('last'));
    void batcher.drained().then(() => {
      drained = true;
    });
    await soon(5);
    expect(drained).toBe(false);
    asked[0]!.answer();
    await answer;
    await soon();
    expect(drained).toBe(true);
  });

  it('answers each of any items once with its own outcome, within the limits', async () => {
    const sizes = fc.array(
      fc.record({ tokens: fc.integer({ min: 1, max: 150 }), size: fc.integer({ min: 1, max: 6 }) }),
      {
        maxLength: 40,
      },
    );
    await fc.assert(
      fc.asyncProperty(sizes, async (all) => {
        const batches: { tokens: number; size: number; items: number }[] = [];
        const run = async (items: readonly number[]): Promise<BatchRun<number>> => {
          const sum = (field: 'tokens' | 'size'): number =>
            items.reduce((total, i) => total + all[i]![field], 0);
          batches.push({ tokens: sum('tokens'), size: sum('size'), items: items.length });
          return { outcomes: items.map((i) => -i), milliseconds: 1 };
        };
        const batcher = new Batcher<number, number>('m', run, { maxTokens: 100, maxItems: 5, maxWait: 0 });
        const answers = await Promise.all(all.map((one, item) => batcher.add({ item, ...one })));
        expect(answers.map(({ outcome }) => outcome)).toEqual(all.map((_, i) => -i));
        for (const { tokens, size, items } of batches)
          if (items > 1) expect([tokens <= 100, size <= 5]).toEqual([true, true]);
      }),
      { numRuns: 40 },
    );
  });
});
