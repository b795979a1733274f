/** @file Golden scores: what a bundle said of a fixed set when it was evaluated, and whether it still says so here. */
import { plauditError } from '@plaudit/contract';
import type { Bundle, Store } from '@plaudit/store';
import { z } from 'zod';
import { momentsOf } from '../statistics/measured.ts';
import type { BundleItem, OpenedBundle } from './open-bundle.ts';

/** Fewest responses whose scores say that two installations agree. */
export const fewestGolden = 8;
/** Most: a gate has to be quick. */
export const mostGolden = 1000;

/**
 * Largest difference that passes, in standard deviations of the golden scores: engines and batch sizes move a score by some
 * thousandths, another template or tokenizer by tenths.
 */
const defaultTolerance = 0.02;

const golden = z.object({
  formattingDigest: z.string().nullable(),
  /** Of the scores; what the tolerance is measured in. */
  deviation: z.number(),
  items: z.array(z.object({ prompt: z.string(), response: z.string(), score: z.number() })),
});
export type Golden = z.output<typeof golden>;

/** Ids of a stored prompt and of responses to it. */
export interface GoldenItem {
  readonly prompt: string;
  readonly responses: readonly string[];
}

interface Found extends BundleItem {
  readonly promptId: string;
  readonly responseIds: readonly string[];
}

/** The texts of items, as far as they have not been erased. @throws PlauditError store.unknown */
const textsOf = async (store: Store, items: readonly GoldenItem[]): Promise<readonly Found[]> => {
  const found: Found[] = [];
  for (const { prompt: promptId, responses } of items) {
    const stored = await store.prompts.get(promptId);
    if (stored.prompt === undefined) continue;
    const texts = new Map(stored.responses.map(({ id, text }) => [id, text]));
    const there = responses.filter((id) => texts.get(id) !== undefined);
    if (there.length === 0) continue;
    found.push({
      promptId,
      responseIds: there,
      prompt: stored.prompt,
      responses: there.map((id) => texts.get(id)!),
    });
  }
  return found;
};

/**
 * Records what the bundle says of the items; only of a draft, so that a gate that fails is not mended by moving the goal.
 *
 * @throws PlauditError registry.golden_fixed, registry.few_golden
 */
export const recordGolden = async (
  store: Store,
  bundle: Bundle,
  opened: OpenedBundle,
  items: readonly GoldenItem[],
  actor: string,
): Promise<Golden> => {
  if (bundle.state !== 'draft')
    throw plauditError('registry.golden_fixed', { bundle: bundle.name, state: bundle.state });
  const found = await textsOf(store, items);
  const scores = await opened.score(found);
  const scored = found.flatMap(({ promptId, responseIds }, i) =>
    responseIds.map((response, j) => ({ prompt: promptId, response, score: scores[i]![j]! })),
  );
  if (scored.length < fewestGolden)
    throw plauditError('registry.few_golden', { needed: fewestGolden, found: scored.length });
  const document: Golden = {
    formattingDigest: opened.formattingDigest,
    deviation: Math.sqrt(momentsOf(scored.map(({ score }) => score)).variance),
    items: scored.slice(0, mostGolden),
  };
  await store.bundleRecords.add(bundle.id, { kind: 'golden', actor, document: { ...document } });
  return document;
};

export interface Parity {
  readonly passed: boolean;
  /** Golden scores that could be compared. */
  readonly items: number;
  /** Those whose texts have been erased since. */
  readonly erased: number;
  /** Largest difference, in standard deviations of the golden scores. */
  readonly largest: number;
  readonly tolerance: number;
  /** Whether template, tokenizer and limits are those of then. */
  readonly sameFormatting: boolean;
}

/**
 * Scores the golden set again. Fewer than eight scores left do not pass, and neither does a score that is not finite.
 *
 * @throws PlauditError registry.no_golden
 */
export const checkParity = async (
  store: Store,
  bundle: Bundle,
  opened: OpenedBundle,
  tolerance = defaultTolerance,
): Promise<Parity> => {
  const [record] = await store.bundleRecords.of(bundle.id, 'golden');
  if (!record) throw plauditError('registry.no_golden', { bundle: bundle.name });
  const expected = golden.parse(record.document);
  const byPrompt = Map.groupBy(expected.items, ({ prompt }) => prompt);
  const found = await textsOf(
    store,
    [...byPrompt].map(([prompt, of]) => ({ prompt, responses: of.map(({ response }) => response) })),
  );
  const scores = await opened.score(found);
  const scale = expected.deviation > 0 ? expected.deviation : 1;
  let [items, largest] = [0, 0];
  found.forEach(({ promptId, responseIds }, i) => {
    const of = new Map(byPrompt.get(promptId)!.map(({ response, score }) => [response, score]));
    responseIds.forEach((response, j) => {
      const difference = Math.abs(scores[i]![j]! - of.get(response)!) / scale;
      largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
      items++;
    });
  });
  const sameFormatting = expected.formattingDigest === opened.formattingDigest;
  return {
    passed: items >= fewestGolden && largest <= tolerance && sameFormatting,
    items,
    erased: expected.items.length - items,
    largest: Number.isFinite(largest) ? largest : Number.MAX_VALUE,
    tolerance,
    sameFormatting,
  };
};
