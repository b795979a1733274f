/** @file Prompts that say nearly the same as another. */
import { z } from 'zod';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { References } from '../references.ts';
import { percent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

/** Edges of the histogram of similarities; the last bin holds 1 too. */
const edges = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95] as const;

export const nearDuplicatePrompts = defineGate({
  name: 'near-duplicate-prompts',
  title: 'Near-duplicate prompts',
  family: 'duplicates and leakage',
  unit: 'share',
  required: false,
  memory: 'distinct prompts',
  fix: 'Keep one prompt of each cluster, or weigh them down: otherwise their topic counts many times. Splits by Plaudit keep a cluster on one side; if you split elsewhere, see to it yourself.',
  settings: z.strictObject(thresholds({ most: 0.2 }, { most: 0.6 })),
  start: (_, shared) => {
    const { prompts } = shared;
    const firsts = new References();
    return {
      add: ({ reference }) => {
        // The prompt of this row has just been added.
        if (prompts.distinct > firsts.length) firsts.push(reference);
      },
      finish: () => {
        const { distinct } = prompts;
        if (distinct < 2)
          return notApplicable(
            distinct === 0 ? 'There are no prompts.' : 'All rows have the same prompt.',
            'different prompts',
          );
        const evidence = new Evidence();
        const counts = edges.map(() => 0);
        const near = new Set<number>();
        const { clusters, lookedAt } = prompts.nearDuplicates((a, b, similarity) => {
          const bin = edges.findLastIndex((edge) => similarity >= edge);
          counts[Math.max(0, bin)]!++;
          near.add(Math.max(a, b));
        });
        for (const prompt of near) evidence.add(firsts.at(prompt));
        const sizes = new Map<number, number>();
        for (let prompt = 0; prompt < distinct; prompt++)
          sizes.set(clusters.root(prompt), (sizes.get(clusters.root(prompt)) ?? 0) + 1);
        const value = (distinct - sizes.size) / distinct;
        let largest = 0;
        for (const size of sizes.values()) largest = Math.max(largest, size);
        return {
          value,
          n: distinct,
          noun: 'different prompts',
          reason:
            value === 0
              ? `No two of ${plural(distinct, 'different prompt')} are near-duplicates.`
              : `Of ${plural(distinct, 'different prompt')} ${percent(value)} are near-duplicates of another (Jaccard similarity of character 5-grams of at least 0.7); the largest cluster holds ${plural(largest, 'prompt')}.${
                  lookedAt < 0.9
                    ? ` So many prompts share a template that only ${percent(lookedAt, 0)} of the pairs that might be alike were looked at: a few may be missing.`
                    : ''
                }`,
          evidence: evidence.found,
          measures: { clusters: sizes.size, largestCluster: largest },
          pictures:
            value === 0
              ? []
              : [
                  {
                    kind: 'histogram',
                    title: 'How alike near-duplicate prompts are',
                    caption: 'Each near-duplicate at its similarity to the prompt by which it was found.',
                    x: 'Jaccard similarity',
                    noun: 'prompts',
                    bins: edges.map((edge, i) => ({
                      name: `${edge} to ${edges[i + 1] ?? 1}`,
                      count: counts[i]!,
                    })),
                  },
                ],
        };
      },
    };
  },
});
