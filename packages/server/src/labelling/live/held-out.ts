/** @file Which items of a task measure its live model: some whole prompts, with all that are much like them. */
import { clusterPrompts } from '@plaudit/feedback';
import type { ItemTexts } from '@plaudit/store';

/** Share of the items that are held out. */
const share = 0.2;
/** With fewer held out by whole clusters than this share, the prompts are too much alike for clusters. */
const leastShare = 0.05;

export interface HeldOut {
  /** Of each item. */
  readonly items: readonly boolean[];
  /** Whether near-duplicates are on both sides, because nearly all prompts are much alike. */
  readonly alike: boolean;
}

type Hashed = Pick<ItemTexts, 'promptId' | 'prompt'>;

/** Takes whole groups in the order of their hashes while there is room; none that would overshoot it by more than half. */
const take = (items: readonly Hashed[], groupOf: (item: number) => string | number): boolean[] => {
  const groups = [...Map.groupBy(items.keys(), groupOf).values()].map((members) => ({
    members,
    name: members.map((i) => items[i]!.promptId).sort()[0]!,
  }));
  const held = items.map(() => false);
  let room = share * items.length;
  for (const { members } of groups.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (room <= 0 || members.length / 2 > room) continue;
    room -= members.length;
    for (const i of members) held[i] = true;
  }
  return held;
};

/**
 * Which items are held out, from the content of their prompts alone: the same whenever and wherever it is asked. The rule is
 * that of `splitByPrompt`; only that where nearly all prompts are near-duplicates of one another, each counts for itself.
 */
export const heldOutOf = (items: readonly Hashed[]): HeldOut => {
  const clusters = clusterPrompts(items.map(({ prompt }) => prompt));
  const whole = take(items, (i) => clusters[i]!);
  if (whole.filter(Boolean).length >= leastShare * items.length) return { items: whole, alike: false };
  return { items: take(items, (i) => items[i]!.promptId), alike: true };
};
