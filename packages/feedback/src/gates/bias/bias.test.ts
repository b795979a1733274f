import { Random, sigmoid } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rocAuc } from '../../statistics/two-outcomes.ts';
import { checkGate, comparison, times } from '../testing.ts';
import { styleDifference, styleOf } from './style-features.ts';
import { fitWinners, mirroredAuc } from './style-logit.ts';

/** Comparisons of unequal lengths of which the longer wins with a probability. */
const lengths = (count: number, longerWins: (ratio: number) => number, seed = 1) => {
  const random = new Random(seed, 'lengths');
  return times(count, (i) => {
    const ratio = 1.05 + 4 * random.uniform();
    const long = 'x'.repeat(Math.round(100 * ratio));
    const short = 'y'.repeat(100);
    return comparison(`Question ${i}?`, [long, short], random.uniform() < longerWins(ratio) ? 'a' : 'b');
  });
};

describe('length bias', () => {
  it('passes where length does not matter', async () => {
    const found = await checkGate(
      'length-bias',
      lengths(1000, () => 0.5),
    );
    expect(found.verdict).toBe('pass');
    expect(found.interval![0]).toBeLessThan(0.5);
    expect(found.interval![1]).toBeGreaterThan(0.5);
    expect(Math.abs(found.measures.coefficient!)).toBeLessThan(0.2);
  });

  it('warns where the longer wins two in three, fails where it nearly always does', async () => {
    expect(
      await checkGate(
        'length-bias',
        lengths(1000, () => 0.67),
      ),
    ).toMatchObject({ verdict: 'warn' });
    expect(
      await checkGate(
        'length-bias',
        lengths(1000, () => 0.95),
      ),
    ).toMatchObject({ verdict: 'fail' });
  });

  it('warns of a bias to the shorter too', async () => {
    const found = await checkGate(
      'length-bias',
      lengths(1000, () => 0.3),
    );
    expect(found).toMatchObject({ verdict: 'warn', evidence: { total: 0 } });
  });

  it('does not warn of six in ten of a handful', async () => {
    expect(
      await checkGate(
        'length-bias',
        lengths(12, () => 0.7),
      ),
    ).toMatchObject({ verdict: 'pass' });
  });

  it('finds the slope on the logarithm of the ratio with which judgements were made, and the curve rises', async () => {
    const found = await checkGate(
      'length-bias',
      lengths(6000, (ratio) => sigmoid(0.8 * Math.log(ratio))),
    );
    expect(Math.abs(found.measures.coefficient! - 0.8)).toBeLessThan(0.1);
    const [picture] = found.pictures;
    const values = picture?.kind === 'curve' ? picture.items.flatMap(({ value }) => value ?? []) : [];
    expect(values.at(-1)! - values[0]!).toBeGreaterThan(0.15);
  });

  it('has the slope of NumPy on data without chance', async () => {
    // Length ratios 1.2, 1.5, 2, 3 and 4: the longer wins 11, 13, 12, 15 and 18 of 20. Newton's method with the prior of one
    // win and one loss at a ratio of e, in NumPy 2.4.
    const wins = [11, 13, 12, 15, 18];
    const judged = [1.2, 1.5, 2, 3, 4].flatMap((ratio, i) =>
      times(20, (k) =>
        comparison(`${i} ${k}`, ['x'.repeat(1000 * ratio), 'y'.repeat(1000)], k < wins[i]! ? 'a' : 'b'),
      ),
    );
    const found = await checkGate('length-bias', judged);
    expect(found.measures.coefficient).toBeCloseTo(1.1329341092653151, 8);
    expect(found.value).toBeCloseTo(0.69, 12);
  });

  it('counts neither ties nor equal lengths', async () => {
    const judged = [
      comparison('1', ['aa', 'b'], 'tie'),
      comparison('2', ['a', 'b']),
      comparison('3', ['aa', 'b']),
    ];
    expect(await checkGate('length-bias', judged)).toMatchObject({
      n: 1,
      value: 1,
      measures: { equalLengths: 1 },
    });
  });
});

describe('position bias', () => {
  const shown = (count: number, first: number, annotator?: string) =>
    times(count, (i) => {
      const shownFirst = i % 2 === 0 ? (0 as const) : (1 as const);
      const outcome = i < first === (shownFirst === 0) ? 'a' : 'b';
      return comparison(`${annotator} ${i}`, ['One.', 'Two.'], outcome, {
        shownFirst,
        ...(annotator !== undefined && { annotator }),
      });
    });

  it('does not apply where nobody recorded what was shown first', async () => {
    const found = await checkGate(
      'position-bias',
      times(50, (i) => comparison(`${i}`, ['One.', 'Two.'])),
    );
    expect(found).toMatchObject({ verdict: 'not_applicable' });
    expect(found.reason).toContain('No row says which response was shown first');
  });

  it('passes at a half', async () => {
    expect(await checkGate('position-bias', shown(400, 202))).toMatchObject({
      verdict: 'pass',
      value: 0.505,
      n: 400,
    });
  });

  it('passes where a lean is within chance, warns where it is beyond, fails where it is large', async () => {
    expect(await checkGate('position-bias', shown(40, 24))).toMatchObject({ verdict: 'pass', value: 0.6 });
    const lean = await checkGate('position-bias', shown(1000, 560));
    expect(lean).toMatchObject({ verdict: 'warn', value: 0.56 });
    // The exact sum with Python's whole numbers.
    expect(lean.measures.p).toBeCloseTo(0.00016504987055045294, 12);
    expect(await checkGate('position-bias', shown(400, 320))).toMatchObject({ verdict: 'fail' });
  });

  it('finds the one annotator who takes a side among many who do not', async () => {
    const people = times(20, (person) => shown(60, 30, `person ${person}`)).flat();
    expect(await checkGate('position-bias', people)).toMatchObject({
      verdict: 'pass',
      measures: { annotatorsTested: 20, annotatorsBiased: 0 },
    });
    const found = await checkGate('position-bias', [...people, ...shown(200, 190, 'clicker')]);
    expect(found.measures).toMatchObject({ annotatorsTested: 21, annotatorsBiased: 1 });
    expect(found.reason).toContain('clicker');
    expect(found.verdict).toBe('warn');
    const [picture] = found.pictures;
    expect(picture?.kind === 'bars' && picture.items[0]).toMatchObject({ name: 'clicker', flagged: true });
  });
});

describe('features of style', () => {
  it('count the marks of Markdown', () => {
    const text = `# Title\n\n- one\n* two\n3. three\n\n**bold** and __bold__ but not 2 ** 3\n\n\`\`\`js\ncode\n\`\`\`\n| a | b |\n| 1 | 2 |`;
    expect(styleOf(text)).toEqual([3, 1, 2, 1, 2]);
    expect(styleOf('Plain - text * without # marks.')).toEqual([0, 0, 0, 0, 0]);
  });

  it('differ by at most 1, the other way round by as much the other way', () => {
    const counts = fc.array(fc.nat(50), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const one = styleDifference(a, b);
        const other = styleDifference(b, a);
        one.forEach((x, i) => {
          expect(Math.abs(x)).toBeLessThanOrEqual(1);
          expect(x + other[i]!).toBe(0);
        });
      }),
    );
  });

  it('take a hostile text in linear time', () => {
    const began = performance.now();
    for (const text of [
      '**'.repeat(200_000),
      '__a'.repeat(150_000),
      '|'.repeat(400_000),
      `${' '.repeat(9)}- `.repeat(40_000),
    ])
      styleOf(text);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('the logit of style', () => {
  it('has the weights of NumPy', () => {
    const differences = times(40, (i) => [((i * 7) % 11) / 11 - 0.3, ((i * 5) % 7) / 7 - 0.4]);
    const weights = fitWinners(
      differences.map((difference, i) => ({ difference, prompt: i })),
      2,
    );
    expect([...weights]).toEqual([
      expect.closeTo(1.5480892596785432, 8),
      expect.closeTo(0.328396073778903, 8),
    ]);
  });

  it('has the area under the curve of every pair both ways round', () => {
    const score = fc.integer({ min: -4, max: 6 });
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 40 }), (scores) => {
        const both = [...scores, ...scores.map((s) => -s)];
        const right = both.map((_, i) => i < scores.length);
        const { auc } = mirroredAuc(Float64Array.from(scores), [...scores.keys()]);
        expect(auc).toBeCloseTo(rocAuc(both, right)!, 12);
      }),
    );
  });

  it('has a standard error that other samples confirm', () => {
    const random = new Random(5, 'auc');
    const draw = () => {
      const prompts = times(120, (prompt) => {
        const own = random.normal();
        return times(3, () => ({ score: 0.4 + own + random.normal(), prompt }));
      }).flat();
      return mirroredAuc(
        Float64Array.from(prompts, ({ score }) => score),
        prompts.map(({ prompt }) => prompt),
      );
    };
    const drawn = times(300, draw);
    const mean = drawn.reduce((sum, { auc }) => sum + auc, 0) / 300;
    const spread = Math.sqrt(drawn.reduce((sum, { auc }) => sum + (auc - mean) ** 2, 0) / 299);
    const said = drawn.reduce((sum, { standardError }) => sum + standardError, 0) / 300;
    expect(Math.abs(said / spread - 1)).toBeLessThan(0.15);
  });
});

describe('style bias', () => {
  const styled = (count: number, listWins: number) => {
    const random = new Random(4, 'style');
    return times(count, (i) => {
      const list = `Here:\n- one ${i}\n- two\n- three`;
      const plain = `One ${i}, two and three.`;
      const [better, worse] = random.uniform() < listWins ? [list, plain] : [plain, list];
      return comparison(`Question ${i}?`, [better, worse]);
    });
  };

  it('passes where lists win as often as they lose, although a fit on the same pairs would see something', async () => {
    const found = await checkGate('style-bias', styled(400, 0.5));
    expect(found.verdict).toBe('pass');
    // Folds that were fitted on the others' chance do a little worse than a coin.
    expect(found.value).toBeLessThan(0.55);
  });

  it('warns and fails as lists win more often', async () => {
    expect(await checkGate('style-bias', styled(800, 0.7))).toMatchObject({ verdict: 'warn' });
    expect(await checkGate('style-bias', styled(800, 0.95))).toMatchObject({ verdict: 'fail' });
  });

  it('passes where nothing is laid out', async () => {
    const plain = times(200, (i) => comparison(`${i}?`, [`Answer ${i}.`, `Other ${i}.`]));
    expect(await checkGate('style-bias', plain)).toMatchObject({ verdict: 'pass', value: 0.5 });
  });

  it('does not apply to a few pairs', async () => {
    expect(await checkGate('style-bias', styled(20, 1))).toMatchObject({ verdict: 'not_applicable' });
  });

  it('draws a sample where there are more pairs than it may look at', async () => {
    const found = await checkGate('style-bias', styled(800, 0.9), { settings: { pairs: 200 } });
    expect(found).toMatchObject({ n: 200 });
    expect(found.reason).toContain('drawn from 800 pairs');
  });
});
