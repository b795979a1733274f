/** @file A reward model that learns while people label: features once, a fit for each answer, its accuracy on prompts it never learns from. */
import { type Prompt, sigmoid } from '@plaudit/contract';
import { wilsonInterval } from '@plaudit/feedback';
import type { Matrix } from '../probe/matrix.ts';
import { standardise, standardOf } from '../probe/standard.ts';
import { type FittedHead, type JudgedRows, learn, rewardsOf } from './learner.ts';
import { hashedFeatures, type StudyFeatures, studyFeatures } from './study-features.ts';

/** What is to be judged. */
export interface LiveItem {
  readonly prompt: Prompt;
  readonly responses: readonly string[];
  /** Answers to it measure the model, which does not learn from them. */
  readonly heldOut: boolean;
}

/** One person's answer to an item: which of its responses were preferred to which, at least one. */
export interface LiveAnswer {
  /** Index of the item. */
  readonly item: number;
  /** Indices of responses. */
  readonly pairs: readonly (readonly [winner: number, loser: number])[];
}

/** How good the model is after so many answers, on the held-out answers that there are now. */
export interface LivePoint {
  readonly answers: number;
  /** Share of the held-out preferences that it shares; equal rewards count one half, each item counts once. */
  readonly accuracy: number;
}

interface Stage {
  readonly answers: number;
  readonly head: FittedHead;
}

/** Answers at which the weights are kept: all of the first few, then a quarter more each time. */
const isKept = (answers: number): boolean => {
  for (let kept = 1; kept <= answers; kept = Math.max(kept + 1, Math.round(1.25 * kept)))
    if (kept === answers) return true;
  return false;
};

/**
 * The same answers in the same order make the same model, whether they come one by one or all at once.
 *
 * @example
 * const model = new LiveModel(items);
 * model.update(answers);
 * model.curve(); // [{ answers: 1, accuracy: 0.5 }, …]
 */
export class LiveModel {
  /** Of each item. The texts themselves are not kept. */
  private readonly heldOut: readonly boolean[];
  private readonly counts: readonly number[];
  private readonly features: Matrix;
  /** Row of each item's first response. */
  private readonly starts: readonly number[];
  private learned: readonly LiveAnswer[] = [];
  private held: readonly LiveAnswer[] = [];
  private stages: readonly Stage[] = [];

  /** @param vectors Of each response; default: of its words and its form */
  constructor(items: readonly LiveItem[], vectors: StudyFeatures = hashedFeatures(items)) {
    this.heldOut = items.map(({ heldOut }) => heldOut);
    this.counts = items.map(({ responses }) => responses.length);
    const width = vectors[0]?.[0]?.length ?? 0;
    const standard = standardOf(
      vectors.flatMap((own, i) => (items[i]!.heldOut ? [] : own)),
      width,
    );
    const starts: number[] = [];
    let rows = 0;
    for (const own of vectors) {
      starts.push(rows);
      rows += own.length;
    }
    const values = new Float32Array(rows * width);
    vectors.forEach((own, i) => {
      own.forEach((vector, k) => {
        standardise(standard, vector, values, (starts[i]! + k) * width);
      });
    });
    this.features = { values, rows, width };
    this.starts = starts;
  }

  /**
   * A model on the features of an encoder, as a probe's.
   *
   * @param encoder A checkpoint
   * @throws reward.bad_configuration, model.*, engine.*
   */
  static async encoded(items: readonly LiveItem[], encoder: string): Promise<LiveModel> {
    return new LiveModel(items, await studyFeatures(items, { base: encoder, settings: {} }, {}));
  }

  /** Answers that it has learned from. */
  get answers(): number {
    return this.learned.length;
  }

  /**
   * Learns from all answers there are. Those before have to come first, in the same order; where they do not, since one was
   * taken back, it begins anew.
   *
   * @throws reward.not_finite
   */
  update(answers: readonly LiveAnswer[]): void {
    const before = this.learned;
    this.held = answers.filter(({ item }) => this.heldOut[item]);
    const learned = answers.filter(({ item }) => !this.heldOut[item]);
    const isLonger = before.every((one, at) => isSame(one, learned[at]));
    const stages = isLonger ? [...this.stages] : [];
    const judged = learned.map(({ item, pairs }) => pairs.map((pair) => this.rowsOf(item, pair)));
    for (let count = (stages.at(-1)?.answers ?? 0) + 1; count <= learned.length; count++) {
      const isLast = count === learned.length;
      if (!isLast && !isKept(count)) continue;
      // The newest is always there; of those before it only some are kept, and every fit starts from such a one.
      if (stages.length > 0 && !isKept(stages.at(-1)!.answers)) stages.pop();
      const head = learn(this.features, judged.slice(0, count).flat(), stages.at(-1)?.head ?? null);
      stages.push({ answers: count, head });
    }
    this.stages = stages;
    this.learned = learned;
  }

  /** The accuracy after some of the answers and after all of them, each on the same held-out answers; empty without any. */
  curve(): readonly LivePoint[] {
    const held = [...Map.groupBy(this.held, ({ item }) => item).values()];
    if (held.length === 0) return [];
    return this.stages.map(({ answers, head }) => {
      const shares = held.map((own) => mean(own.map((answer) => this.agreement(head, answer))));
      return { answers, accuracy: mean(shares) };
    });
  }

  /** Held-out items with an answer, and how often the model shares the preference; Wilson's interval at 95 %. */
  accuracy(): {
    readonly items: number;
    readonly share: number;
    readonly interval: readonly [number, number];
  } | null {
    const last = this.curve().at(-1);
    if (!last) return null;
    const items = new Set(this.held.map(({ item }) => item)).size;
    return { items, share: last.accuracy, interval: wilsonInterval(last.accuracy, items) };
  }

  /**
   * How probable the model finds it that the first response of the least certain pair of an item is preferred to the second:
   * of neighbours in its own order, since no other two are closer. null before the first answer.
   */
  leastCertain(
    item: number,
  ): { readonly pair: readonly [number, number]; readonly probability: number } | null {
    const head = this.stages.at(-1)?.head;
    if (!head) return null;
    const count = this.counts[item]!;
    const rewards = rewardsOf(
      head,
      this.features,
      Array.from({ length: count }, (_, k) => this.starts[item]! + k),
    );
    const order = [...rewards.keys()].sort((a, b) => rewards[b]! - rewards[a]!);
    let [a, b] = [order[0]!, order[1]!];
    for (let k = 1; k + 1 < count; k++)
      if (rewards[order[k]!]! - rewards[order[k + 1]!]! < rewards[a]! - rewards[b]!)
        [a, b] = [order[k]!, order[k + 1]!];
    const pair: readonly [number, number] = a < b ? [a, b] : [b, a];
    return { pair, probability: sigmoid(rewards[pair[0]]! - rewards[pair[1]]!) };
  }

  private rowsOf(item: number, [winner, loser]: readonly [number, number]): JudgedRows {
    return [this.starts[item]! + winner, this.starts[item]! + loser];
  }

  private agreement(head: FittedHead, { item, pairs }: LiveAnswer): number {
    return mean(
      pairs.map((pair) => {
        const [winner, loser] = rewardsOf(head, this.features, this.rowsOf(item, pair));
        return winner! > loser! ? 1 : winner === loser ? 0.5 : 0;
      }),
    );
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const isSame = (one: LiveAnswer, other: LiveAnswer | undefined): boolean =>
  other !== undefined &&
  one.item === other.item &&
  one.pairs.length === other.pairs.length &&
  one.pairs.every(([winner, loser], k) => other.pairs[k]![0] === winner && other.pairs[k]![1] === loser);
