import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestOfNPanel } from '../overoptimisation/index.ts';
import type { PolicyRecord } from '../trainer/record.ts';
import { type PolicyReportInput, renderPolicyReport } from './report.ts';
import { onlineRecords, overOptimisedRun } from './testing.ts';

const { document, records } = overOptimisedRun();
const prompts = Array.from({ length: 12 }, (_, p) => ({
  cluster: `prompt ${p}`,
  proxy: Array.from({ length: 8 }, (_, i) => ((p * 37 + i * 61) % 97) / 97),
  gold: Array.from({ length: 8 }, (_, i) => ((p * 37 + i * 61) % 97) / 97 - (i % 3) / 4),
}));

const hostile = `</script><script>alert(1)</script><img src=x onerror="alert('2')">&amp;\u0000\u202e`;

/** Every tag and attribute of a page, text left out. */
const skeleton = (page: string): string => (page.match(/<[^>]*>/g) ?? []).join('\n');

const titles = (page: string): string[] =>
  [...page.matchAll(/<h3[^>]*>([^<]*)<\/h3>/g)].map((match) => match[1]!);

const offline = (updates: number): PolicyRecord[] =>
  Array.from({ length: updates }, (_, i) => ({
    step: i + 1,
    loss: 0.7 - i / 1000,
    learningRate: 5e-5,
    gradientNorm: 1,
    tokens: 1000,
    seconds: 0.5,
    accuracy: 0.5 + i / 500,
    margin: i / 100,
    ...(i % 10 === 9 && { validationLoss: 0.69 - i / 2000, validationAccuracy: 0.5 + i / 1000 }),
  }));

const offlineRun: PolicyReportInput = {
  document: {
    ...document,
    ...{ method: 'dpo', updates: 50, keptStep: 50, stopped: null, start: null, kept: null },
    ...{ reward: null, drift: [], warnings: [], configuration: { beta: 0.1 } },
  },
  records: offline(50),
};

describe('the report of a run', async () => {
  const page = renderPolicyReport({ document, records, bestOfN: await bestOfNPanel(prompts) });

  it('says in words what came of it, and why it ended', () => {
    expect(page).toMatch(
      /With the weights of update \d+ of 120, which were kept, the trained reward on 64 held-out prompts is <strong>[\d.]+<\/strong>; before training it was [\d.]+\. The gold reward is <strong>[\d.]+ ± 0\.05<\/strong>/,
    );
    expect(page).toContain('<strong>The run ended early.</strong> The gold reward has passed its peak');
  });

  it('puts drift at the top with the update where it began, and no warning twice', () => {
    const box = page.slice(page.indexOf('class="warning"'), page.indexOf('class="tiles"'));
    expect(box).toMatch(/Responses have grown from .* <em>\(since update \d+\)<\/em>/);
    const repeated = renderPolicyReport({
      document: {
        ...document,
        warnings: [...document.warnings, ...document.drift.map((one) => one.message)],
      },
      records,
    });
    expect(repeated.match(/Responses have grown/g)).toHaveLength(1);
    expect(repeated).toContain('3 of 1064 prompts');
  });

  it('draws every curve of an online run, the panel of over-optimisation and that of best-of-n', () => {
    expect(titles(page)).toEqual([
      ...['Trained reward', 'Gold reward', 'Parts of the reward'],
      ...['Gold against the divergence', 'The law of over-optimisation', 'Best of n', 'What choosing gains'],
      ...['Divergence from the reference', 'Coefficient of the divergence', 'Entropy', 'Length'],
      ...['Length and reward', 'Ended and repeated', 'Spread of the rewards'],
      ...['Loss', 'Clipped', 'Explained variance', 'Loss of the value function', 'Cost'],
      ...['Multiplier of the cost', 'Learning rate', 'Norm of the gradient', 'Where the time goes'],
    ]);
    for (const mark of ['kept', 'target', 'limit', 'peak', 'stop']) expect(page).toContain(`>${mark}</text>`);
    expect(page).toContain('Of all: rollout 5');
  });

  it('shows the law with its errors and its peak', () => {
    expect(page).toMatch(/<th scope="row">α<\/th><td>1\.\d+ ± 0\.\d+<\/td>/);
    expect(page).toMatch(
      /The fitted curve is highest at a divergence of 1\d\.?\d* nats, with a gain of 1\.\d+\./,
    );
  });

  it('shows samples of several updates, the first and the last among them, and the whole configuration', () => {
    const shown = [...page.matchAll(/<summary>Update (\d+)<\/summary>/g)].map((match) => Number(match[1]));
    expect(shown).toHaveLength(6);
    expect([shown[0], shown.at(-1)]).toEqual([120, 5]);
    expect(page).toContain('The Loire. The Loire.');
    for (const setting of [
      'online.kl.target</th><td>6<',
      'lora.targets</th><td>q, v<',
      'online.topK</th><td>none<',
    ])
      expect(page).toContain(setting);
  });

  it('loads nothing, links nowhere and runs no script', () => {
    expect(page).not.toMatch(/<script|<link|<iframe|<object|\bsrc=|\bhref=|url\(|@import|https?:/i);
  });

  it('names and describes every picture, puts its numbers beside it, and writes no number that is not one', () => {
    const count = (pattern: RegExp): number => page.match(pattern)?.length ?? 0;
    const pictures = count(/<svg /g);
    expect(pictures).toBe(21);
    for (const part of [/<title id=/g, /<desc id=/g, /<summary>The numbers/g])
      expect(count(part)).toBe(pictures);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('escapes everything that comes from a run: hostile text changes no tag', () => {
    const render = (text: string): string =>
      renderPolicyReport({
        title: text,
        document: {
          ...document,
          ...{ method: text, policy: text, stopped: text, createdBy: text, warnings: [text] },
          configuration: { setting: text, list: [text] },
          reward: { name: text },
          data: { ...document.data, sources: [{ name: text, sha256: text }] },
          drift: [{ code: 'repetition', step: 3, ongoing: false, message: `${text}!` }],
        },
        records: onlineRecords(12, () => ({
          parts: { [text]: 1, other: 2 },
          samples: [{ prompt: text, response: text, reward: 1 }],
        })),
      });
    expect(skeleton(render(hostile))).toBe(skeleton(render('plain')));
    expect(render(hostile)).not.toContain('\u0000');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(skeleton(render(text))).toBe(skeleton(render('plain')));
      }),
      { numRuns: 20 },
    );
  });

  it('of an offline run has losses, accuracies and margins, and nothing of rollouts', () => {
    const rendered = renderPolicyReport(offlineRun);
    expect(titles(rendered)).toEqual(['Loss', 'Accuracy', 'Margin', 'Learning rate', 'Norm of the gradient']);
    expect(rendered).toMatch(
      /After 50 updates the validation loss is <strong>0\.\d+<\/strong>, and the policy prefers the chosen response in <strong>54\.9 %<\/strong> of the pairs/,
    );
    expect(rendered).not.toContain('class="warning"');
    expect(rendered).not.toContain('class="stopped"');
  });

  it('without gold has no panel of over-optimisation', () => {
    const rendered = renderPolicyReport({
      document: { ...document, stopped: null, drift: [] },
      records: onlineRecords(20),
    });
    expect(titles(rendered)).not.toContain('Gold reward');
    expect(rendered).not.toContain('Over-optimisation');
  });

  it('says so where there are too few evaluations for the law, or none at all', () => {
    const few = renderPolicyReport({ document, records: records.slice(0, 30) });
    expect(few).toContain('the law cannot be fitted');
    for (const some of [[], records.slice(0, 1), offline(1)]) {
      const rendered = renderPolicyReport({ ...offlineRun, records: some });
      expect(rendered).not.toMatch(/NaN|Infinity|undefined/);
    }
    expect(renderPolicyReport({ ...offlineRun, records: [] })).toContain('nothing held out was measured');
  });

  it('draws a trained reward smaller where gold would be a flat line, and says so', () => {
    const grown = records.map((record) =>
      record.heldOut
        ? { ...record, heldOut: { ...record.heldOut, reward: 100 * record.heldOut.reward } }
        : record,
    );
    expect(renderPolicyReport({ document, records: grown })).toMatch(
      /trained reward, drawn at 0\.0\d+ of its size/,
    );
  });

  it('of a run of thousands of updates stays a small page', () => {
    const long = renderPolicyReport({ document, records: overOptimisedRun(5000).records });
    expect(long.length).toBeLessThan(600_000);
    expect(long).toMatch(/<tr><th scope="row">5000<\/th>/);
  });
});
