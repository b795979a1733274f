/** @file Whether some group is out of step: segments whose judgements the others share less than elsewhere. */
import { z } from 'zod';
import { fewestClusters, wilsonInterval } from '../../statistics/bootstrap.ts';
import { holm, normalCdf } from '../../statistics/normal.ts';
import type { MeasuredShare } from '../document.ts';
import { defineGate, notApplicable } from '../gate.ts';
import type { Segment } from '../segment-sets.ts';
import { between, counted, percent, plural, shortName } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';
import type { Votes } from '../votes.ts';

const level = 0.05;
/** Slices drawn, lowest agreement first. */
const shown = 20;

/** Sums over the votes of one item: how many, and how much of their agreement with the others there is. */
interface ItemPart {
  n: number;
  sum: number;
}

/** Agreement inside a slice and on the rest. */
interface Slice {
  readonly segment: Segment;
  readonly n: number;
  readonly items: number;
  readonly agreement: number;
  readonly interval: [number, number];
  readonly rest: number;
  readonly difference: number;
  readonly standardError: number;
  /** One-sided: of being so far below the rest by chance. */
  readonly p: number;
}

export const fairness = defineGate({
  name: 'fairness',
  title: 'Groups out of step',
  family: 'people',
  unit: 'share',
  required: false,
  memory: 'rows',
  fix: 'Read the items of the slice named here with someone from that group. Where a group sees things differently, keep its judgements apart as a segment or a criterion, and report accuracy for it; a majority vote would erase it.',
  settings: z.strictObject({
    ...thresholds({ most: 0.05 }, { most: 0.15 }),
    /** Fewest votes of a slice that is looked at. */
    least: z.number().int().min(2).default(30),
  }),
  start: ({ least }, { votes }) => ({
    finish: () => {
      const { all, slices: parts } = agreementOfSegments(votes);
      const slices = [...parts]
        .map(([member, items]) => sliceOf(votes.segments.segment(member), items, all))
        .filter((slice) => slice !== null)
        .filter(({ n, items }) => n >= least && items >= fewestClusters);
      if (slices.length < 2)
        return notApplicable(
          parts.size === 0
            ? 'No item with segments was judged by more than one person, so groups cannot be compared.'
            : `Fewer than two segments have ${least} judgements on ${fewestClusters} items that others judged too.`,
          'judgements that others share or do not',
        );
      const adjusted = holm(slices.map(({ p }) => p));
      const below = slices.filter((_, i) => adjusted[i]! < level);
      const order = (a: Slice, b: Slice): number => a.difference - b.difference;
      const worst = (below.length > 0 ? below : slices).toSorted(order)[0]!;
      const gap = -worst.difference;
      const name = `${shortName(worst.segment.name)} “${shortName(worst.segment.value)}”`;
      const compared = `${percent(worst.agreement)} (${between(worst.interval)}, ${plural(worst.n, 'judgement')}) against ${percent(worst.rest)} elsewhere`;
      return {
        // The worst of many slices is low by chance alone: what chance explains is no gap.
        ...(below.length === 0
          ? { value: 0 }
          : {
              value: gap,
              interval: [gap - 1.959964 * worst.standardError, gap + 1.959964 * worst.standardError] as const,
            }),
        n: slices.reduce((sum, { n }) => Math.max(sum, n), 0),
        noun: 'judgements in the largest slice',
        reason:
          below.length === 0
            ? `None of ${plural(slices.length, 'slice')} is further from the others than chance explains. The lowest is ${name}: others share its judgements in ${compared}.`
            : `Judgements of ${name} are shared by others in ${compared}. ${below.length === 1 ? 'It is the only one' : `It is the worst of ${below.length}`} of ${plural(slices.length, 'slice')} below the rest beyond chance (Holm).`,
        measures: { slices: slices.length, belowRest: below.length, agreement: all.sum / all.n },
        pictures: [
          {
            kind: 'bars',
            title: 'How far others share a group’s judgements',
            caption: `Mean agreement of a judgement with the others on its item, with 95 % intervals over items; marked are slices below the rest beyond chance. Over all ${percent(all.sum / all.n)} of ${counted(all.n)}.`,
            noun: 'judgements',
            mark: all.sum / all.n,
            items: slices
              .toSorted((a, b) => a.agreement - b.agreement)
              .slice(0, shown)
              .map(
                (slice): MeasuredShare => ({
                  name: shortName(`${slice.segment.name}: ${slice.segment.value}`),
                  value: slice.agreement,
                  interval: slice.interval,
                  n: slice.n,
                  flagged: below.includes(slice),
                }),
              ),
            omitted: Math.max(0, slices.length - shown),
          },
        ],
      };
    },
  }),
});

interface Agreement {
  readonly all: ItemPart & { readonly items: ReadonlyMap<number, ItemPart> };
  /** For each segment its part of each item. */
  readonly slices: ReadonlyMap<number, ReadonlyMap<number, ItemPart>>;
}

/** For every vote on an item with others: the mean agreement with them, by item and segment. */
const agreementOfSegments = (votes: Votes): Agreement => {
  const items = new Map<number, ItemPart>();
  const slices = new Map<number, Map<number, ItemPart>>();
  const total: ItemPart = { n: 0, sum: 0 };
  let number = 0;
  for (const { votes: own } of votes.items()) {
    const item = number++;
    if (own.length < 2) continue;
    const agreements = agreementWithOthers(own.map((vote) => votes.answer(vote)));
    for (const [i, vote] of own.entries()) {
      const members = votes.segments.membersOf(votes.segmentSetOf(vote));
      if (members.length === 0) continue;
      addTo(items, item, agreements[i]!);
      total.n++;
      total.sum += agreements[i]!;
      for (const member of members) {
        const parts = slices.get(member) ?? new Map<number, ItemPart>();
        slices.set(member, parts);
        addTo(parts, item, agreements[i]!);
      }
    }
  }
  return { all: { ...total, items }, slices };
};

const addTo = (parts: Map<number, ItemPart>, item: number, agreement: number): void => {
  const part = parts.get(item) ?? { n: 0, sum: 0 };
  parts.set(item, part);
  part.n++;
  part.sum += agreement;
};

/** 1 minus the mean distance of each answer, from 0 to 1, to the others; by ranks, so that thousands take no squares. */
const agreementWithOthers = (answers: readonly number[]): number[] => {
  const order = [...answers.keys()].sort((a, b) => answers[a]! - answers[b]!);
  const all = answers.reduce((sum, x) => sum + x, 0);
  const found = new Array<number>(answers.length);
  let below = 0;
  order.forEach((at, rank) => {
    const x = answers[at]!;
    const above = all - below - x;
    const distance = rank * x - below + (above - (answers.length - 1 - rank) * x);
    found[at] = 1 - distance / (answers.length - 1);
    below += x;
  });
  return found;
};

/**
 * A slice against all other votes. Each item's part of the difference is one observation, also where it has votes on both
 * sides. Null where one side is empty.
 *
 * @see Liang and Zeger 1986; the standard error is that of a regression on the slice, clustered by item
 */
const sliceOf = (
  segment: Segment,
  inside: ReadonlyMap<number, ItemPart>,
  all: Agreement['all'],
): Slice | null => {
  let [n, sum] = [0, 0];
  for (const part of inside.values()) {
    n += part.n;
    sum += part.sum;
  }
  const others = all.n - n;
  if (n === 0 || others === 0) return null;
  const agreement = sum / n;
  const rest = (all.sum - sum) / others;
  let [squares, own] = [0, 0];
  for (const [item, whole] of all.items) {
    const part = inside.get(item) ?? { n: 0, sum: 0 };
    const within = (part.sum - part.n * agreement) / n;
    const beside = (whole.sum - part.sum - (whole.n - part.n) * rest) / others;
    squares += (within - beside) ** 2;
    own += within ** 2;
  }
  const standardError = Math.sqrt(squares);
  const half = 1.959964 * Math.sqrt(own);
  const difference = agreement - rest;
  return {
    segment,
    n,
    items: inside.size,
    agreement,
    interval:
      half > 1e-12
        ? [Math.max(0, agreement - half), Math.min(1, agreement + half)]
        : wilsonInterval(agreement, inside.size),
    rest,
    difference,
    standardError,
    p: standardError > 1e-12 ? normalCdf(difference / standardError) : 1,
  };
};
