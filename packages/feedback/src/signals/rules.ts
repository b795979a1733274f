/** @file The declared rules by which signals become judgements: a file that people read, change and sign off. */
import { readFile } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { signalNames } from './log.ts';

/** What each signal can be made into. */
const gives = {
  thumb: 'label',
  copy: 'label',
  edit: 'edit',
  regenerate: 'comparison',
  complaint: 'label',
  task: 'label',
  tests: 'label',
  dwell: 'label',
} as const;

const signalRule = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
    signal: z.enum(signalNames),
    /** The kind of judgement that comes of it. */
    gives: z.enum(['label', 'comparison', 'edit']),
    criterion: z.string().min(1).optional(),
    /** Seconds that the response which is taken as the better one was in view, at least. Absent: it need not be known. */
    minDwellSeconds: z.number().nonnegative().optional(),
    /** Of an edit: the least share of the text that changed, by character 5-grams; smaller ones are taste. */
    minChange: z.number().min(0).max(1).optional(),
    /** Of an edit: the greatest share; beyond it the user wrote something else. */
    maxChange: z.number().min(0).max(1).optional(),
    /** How much a judgement counts beside an explicit one, 0 to 1. */
    weight: z.number().min(0).max(1),
    /** Whether `weight` stands, or gives way to what agreement with explicit comparisons says once that was measured. */
    weightSource: z.enum(['stated', 'calibrated']),
  })
  .refine((rule) => rule.gives === gives[rule.signal], {
    path: ['gives'],
    error: 'the signal cannot be made into this kind of judgement',
  });
export type SignalRule = z.infer<typeof signalRule>;

/** What of an impression the probability of a signal may depend on. */
const strataNames = ['surface', 'policy', 'language', 'asked', 'length'] as const;
export type StratumName = (typeof strataNames)[number];

/** A file of rules, as data. */
export const signalRules = z.strictObject({
  schema: z.literal(1),
  rules: z
    .array(signalRule)
    .min(1)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
      error: 'two rules have one name',
    }),
  propensity: z.strictObject({
    by: z.array(z.enum(strataNames)),
    /** Least propensity that a weight is made from: weights are at most 1 over it. */
    clip: z.number().gt(0).max(1),
    /** Impressions by which a stratum's rate is drawn to the rate of all. */
    prior: z.number().nonnegative(),
  }),
  /** Sum of the weights of one user's judgements of one day, at most. */
  perUserAndDay: z.number().positive(),
  /** Explicit pairs before a rule's measured agreement replaces its stated weight. */
  fewestPairs: z.number().int().positive(),
  /** Leaves out impressions that say no consent. */
  requireConsent: z.boolean(),
});
export type SignalRules = z.infer<typeof signalRules>;

/**
 * Rules to start from. Weights are guesses below those of people who were asked, and give way to calibration; silence, a
 * closed page and time spent alone are made into nothing.
 */
export const defaultSignalRules: SignalRules = signalRules.parse({
  schema: 1,
  rules: [
    { name: 'thumb', signal: 'thumb', gives: 'label', weight: 0.5, weightSource: 'calibrated' },
    {
      name: 'regenerated-and-kept',
      signal: 'regenerate',
      gives: 'comparison',
      minDwellSeconds: 5,
      weight: 0.3,
      weightSource: 'calibrated',
    },
    {
      name: 'edited',
      signal: 'edit',
      gives: 'edit',
      minChange: 0.05,
      maxChange: 0.9,
      weight: 0.5,
      weightSource: 'calibrated',
    },
    {
      name: 'copied',
      signal: 'copy',
      gives: 'label',
      minDwellSeconds: 2,
      weight: 0.2,
      weightSource: 'calibrated',
    },
    { name: 'complained', signal: 'complaint', gives: 'label', weight: 0.4, weightSource: 'calibrated' },
    {
      name: 'task-completed',
      signal: 'task',
      gives: 'label',
      criterion: 'task completed',
      weight: 0.5,
      weightSource: 'calibrated',
    },
    {
      name: 'tests-passed',
      signal: 'tests',
      gives: 'label',
      criterion: 'tests passed',
      weight: 0.9,
      weightSource: 'stated',
    },
  ],
  propensity: { by: ['surface', 'policy', 'asked'], clip: 0.05, prior: 20 },
  perUserAndDay: 5,
  fewestPairs: 30,
  requireConsent: false,
});

/**
 * The rules of a JSON file.
 *
 * @throws PlauditError data.file_missing, data.file_unreadable, data.bad_rules
 */
export const readSignalRules = async (path: string): Promise<SignalRules> => {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw plauditError('data.file_missing', { path }, cause);
    throw plauditError('data.file_unreadable', { path, problem: cause.code ?? 'unknown' }, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw plauditError('data.bad_rules', { path, field: 'the file', problem: 'it is not valid JSON' }, cause);
  }
  const read = signalRules.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw plauditError(
    'data.bad_rules',
    { path, field: issue?.path.join('.') || 'the file', problem: issue?.message ?? 'it has another form' },
    read.error,
  );
};
