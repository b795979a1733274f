/** @file An alert rule: what is measured over which time, when it is too much or too little, and what no data means. */
import { z } from 'zod';

const minutes = z.number().min(1).max(1_000_000);
const share = z.number().gt(0).lt(1);

/** What is watched. Every measure has a least n of its own, and says nothing below it. */
const measure = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('mean reward') }),
  z.strictObject({ of: z.enum(['reward psi', 'reward wasserstein', 'length wasserstein', 'prompt auc']) }),
  z.strictObject({ of: z.literal('segment distance'), segment: z.string().max(100) }),
  z.strictObject({
    /** `incident excess` is the evidence that there are more than in the reference: 20 is as rare as one in twenty, at any look. */
    of: z.enum([
      'incident rate',
      'incident excess',
      'failure rate',
      'refusal rate',
      'truncation rate',
      'saturation',
    ]),
  }),
  z.strictObject({ of: z.enum(['length correlation', 'repetition', 'shadow flip rate']) }),
  z.strictObject({
    of: z.enum(['human agreement', 'annotators with concerns']),
    dataset: z.string().max(200),
  }),
  z.strictObject({
    of: z.literal('error budget'),
    /** Share of good responses that is promised. */
    objective: share,
    bad: z.enum(['failures', 'incidents', 'low rewards', 'slow']).default('failures'),
    /** Reward below which, or milliseconds above which, a response is bad. */
    bound: z.number().optional(),
  }),
]);

const channel = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('webhook'), url: z.url().max(2000) }),
  z.strictObject({ to: z.literal('email'), address: z.email().max(300) }),
]);
export type Channel = z.output<typeof channel>;

export const alertRule = z
  .strictObject({
    deployment: z.string().min(1).max(200),
    measure,
    /** Minutes that are looked back. */
    window: minutes.default(60),
    /** What is compared with: a fixed time, or so many minutes before the window. */
    reference: z
      .union([
        z.strictObject({
          from: z.iso.datetime({ offset: true }),
          to: z.iso.datetime({ offset: true }),
        }),
        z.strictObject({ minutes }),
      ])
      .default({ minutes: 7 * 24 * 60 }),
    /** It fires above or below this; an error budget has bounds of its own. */
    above: z.number().optional(),
    below: z.number().optional(),
    /** Whether the whole interval has to be beyond the bound, where there is one. Default true. */
    sure: z.boolean().default(true),
    /** Minutes that it has to stay so. */
    for: z.number().min(0).max(100_000).default(0),
    /** `alert` is a state of its own that is told like any other; `keep` leaves the last state; `ok` is for what is rarely used. */
    noData: z.enum(['alert', 'keep', 'ok']).default('alert'),
    severity: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]).default(3),
    channels: z.array(channel).max(10).default([]),
    /** Minutes after which an alert that nobody has acknowledged is told again; 0 tells it once. */
    repeat: z.number().min(0).max(100_000).default(240),
  })
  .superRefine(({ measure: { of }, above, below }, context) => {
    const bounded = above !== undefined || below !== undefined;
    if (bounded === (of === 'error budget'))
      context.addIssue({
        code: 'custom',
        path: ['above'],
        message: bounded ? 'an error budget has bounds of its own' : 'it needs above or below',
      });
  });
export type AlertRule = z.output<typeof alertRule>;

/** What an evaluation found. */
export type Reading =
  | {
      readonly enough: true;
      readonly n: number;
      readonly value: number;
      readonly interval: readonly [number, number] | null;
      /** Of measures that decide by themselves. */
      readonly firing?: boolean;
    }
  | { readonly enough: false; readonly n: number; readonly needed: number };

export const alertState = z.object({
  condition: z.enum(['ok', 'pending', 'firing', 'no data']),
  /** Milliseconds since 1970. */
  since: z.number(),
  at: z.number(),
  value: z.number().nullable(),
  n: z.number(),
  /** Of the incident that is open for it. */
  incident: z.string().nullable(),
  /** When it was last told, in milliseconds since 1970. */
  told: z.number().nullable(),
});
export type AlertState = z.output<typeof alertState>;

export const firstState = (now: number): AlertState => ({
  condition: 'ok',
  ...{ since: now, at: now, value: null, n: 0, incident: null, told: null },
});

const isBeyond = ({ above, below, sure }: AlertRule, reading: Reading & { enough: true }): boolean => {
  if (reading.firing !== undefined) return reading.firing;
  const { value, interval } = reading;
  const [low, high] = sure && interval ? interval : [value, value];
  return (above !== undefined && low > above) || (below !== undefined && high < below);
};

/** What is to be done about a change of state. */
export type Notice = 'open' | 'repeat' | 'resolve' | null;

const minute = 60_000;

/**
 * The state after a reading, and what has to be told. An alert ends only with a reading that is good: no data ends nothing,
 * unless the rule says that it is good.
 *
 * @param acknowledged Whether somebody has taken the open incident: then it is not repeated.
 */
export const nextState = (
  rule: AlertRule,
  before: AlertState,
  reading: Reading,
  now: number,
  acknowledged = false,
): { readonly state: AlertState; readonly notice: Notice } => {
  const wasOpen = before.condition === 'firing' || before.condition === 'no data';
  let condition: AlertState['condition'];
  if (!reading.enough)
    condition = rule.noData === 'alert' ? 'no data' : rule.noData === 'keep' ? before.condition : 'ok';
  else if (!isBeyond(rule, reading)) condition = 'ok';
  else {
    const began = before.condition === 'pending' ? before.since : now;
    condition = before.condition === 'firing' || now - began >= rule.for * minute ? 'firing' : 'pending';
  }
  const isOpen = condition === 'firing' || condition === 'no data';
  const changed = condition !== before.condition;
  const due =
    rule.repeat > 0 && before.told !== null && now - before.told >= rule.repeat * minute && !acknowledged;
  const notice: Notice = isOpen
    ? !wasOpen || changed
      ? 'open'
      : due
        ? 'repeat'
        : null
    : wasOpen
      ? 'resolve'
      : null;
  return {
    state: {
      ...before,
      condition,
      since: changed ? now : before.since,
      at: now,
      value: reading.enough ? reading.value : null,
      n: reading.n,
      told: notice === 'open' || notice === 'repeat' ? now : before.told,
    },
    notice,
  };
};
