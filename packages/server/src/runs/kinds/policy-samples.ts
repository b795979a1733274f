/** @file Held-out prompts answered by a policy as it was before a run and as the run left it: `samples.jsonl` of the model. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prompt } from '@plaudit/contract';
import { writeFileAtomic } from '@plaudit/models';
import { generateResponses, openReward } from '@plaudit/policy';
import type { PolicySample } from '../shapes.ts';

export const samplesFile = 'samples.jsonl';
/** Held-out prompts that are answered for people to read. */
const mostPrompts = 20;
/** Tokens of a response, at most: nobody reads more of twenty. */
const mostTokens = 256;

export interface SampleOptions {
  /** Folder of the policy that the run made. */
  readonly after: string;
  /** What it started from; null for a new one, which could not write. */
  readonly before: string | null;
  /** A file of rows with a prompt each. */
  readonly heldOut: string;
  /** References as `openReward` takes them; null for none. */
  readonly reward: string | null;
  readonly gold: string | null;
  readonly maxNewTokens?: number;
  readonly temperature: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: {
    readonly phase: string;
    readonly step: number;
    readonly totalSteps: number;
  }) => void;
}

type Answered = readonly { readonly prompt: Prompt; readonly text: string }[];
type Rewards = readonly (number | null)[];

/** Both policies answer with the same random numbers. */
const answers = async (
  policy: string,
  input: string,
  { seed, temperature, maxNewTokens, signal, onProgress }: SampleOptions,
): Promise<Answered> => {
  const { results } = await generateResponses(policy, input, {
    ...{ seed, temperature, signal },
    // Where nobody said how much, half of the policy's length is room enough for the prompt.
    ...(maxNewTokens !== undefined && { maxNewTokens: Math.min(mostTokens, maxNewTokens) }),
    onProgress: ({ step, totalSteps }) => onProgress({ phase: 'sample', step, totalSteps }),
  });
  return results.map(({ prompt, responses }) => ({ prompt, text: responses[0]!.text }));
};

/** A reward that fails is none: what is shown must not look like a bad response. */
const rewardsOf = async (reference: string | null, of: Answered, signal: AbortSignal): Promise<Rewards> => {
  if (reference === null) return of.map(() => null);
  const source = await openReward(reference, { model: { mapped: true } });
  try {
    const items = of.map(({ prompt, text }) => ({ prompt, responses: [text] }));
    const outcomes = await source.score(items, { signal });
    return outcomes.map(([outcome]) => (outcome && 'reward' in outcome ? outcome.reward : null));
  } finally {
    await source.close();
  }
};

/**
 * Writes `samples.jsonl` into the policy's folder; without held-out prompts none.
 *
 * @param folder Holds the file of the prompts meanwhile
 */
export const writeSamples = async (folder: string, options: SampleOptions): Promise<void> => {
  const { after, before, heldOut, reward, gold, signal } = options;
  const rows = (await readFile(heldOut, 'utf8')).split('\n').filter((line) => line !== '');
  if (rows.length === 0) return;
  const input = join(folder, 'sampled.jsonl');
  await writeFile(input, `${rows.slice(0, mostPrompts).join('\n')}\n`);
  const now = await answers(after, input, options);
  const then = before === null ? null : await answers(before, input, options);
  const sampled = async (of: Answered) => {
    const rewards = await rewardsOf(reward, of, signal);
    const golds = await rewardsOf(gold, of, signal);
    return of.map(({ text }, i) => ({ text, reward: rewards[i]!, gold: golds[i]! }));
  };
  const [afters, befores] = [await sampled(now), then && (await sampled(then))];
  const samples = now.map(
    ({ prompt }, i): PolicySample => ({ prompt, before: befores?.[i] ?? null, after: afters[i]! }),
  );
  // Whole or not at all: a run that is taken up again takes the file as done.
  await writeFileAtomic(
    join(after, samplesFile),
    samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''),
  );
};
