/** @file Steps: reward models from the judgements, and a policy that learns from one of them. */
import type { EvaluatePolicyDocument } from '@plaudit/policy';
import type { ValidationDocument } from '@plaudit/reward';
import { percent } from '../output/text.ts';
import { validationText } from '../output/validation.ts';
import { freshPromptsFile } from './customers.ts';
import { flippedSnapshot, gatesStep, moreStep } from './feedback.ts';
import { followed, startedRun, type Trained } from './runs.ts';
import type { Quickstart, Step } from './step.ts';

/** What is told of a reward model; everything else is in its card. */
export interface RewardFound extends Pick<Trained, 'run' | 'model' | 'version' | 'seconds'> {
  readonly folder: string;
  readonly accuracy: number;
  readonly interval: readonly [number, number];
}

const testOf = ({ card }: Trained): ValidationDocument => card.test as ValidationDocument;

const rewardOf = (trained: Trained): RewardFound => {
  const { run, model, version, seconds, card } = trained;
  const { accuracy, accuracyInterval } = testOf(trained);
  return {
    ...{ run, model, version, seconds, folder: String(card.folder) },
    ...{ accuracy, interval: [accuracyInterval[0], accuracyInterval[1]] },
  };
};

const linear = { kind: 'reward.train', model: 'linear' } as const;

export const wordsStep: Step<RewardFound> = {
  name: 'linear reward model',
  title: 'Train a reward model that reads words, and test it on prompts that it never saw.',
  async work(quick) {
    const { snapshot } = quick.found(gatesStep);
    const run = await startedRun(quick, { ...linear, name: 'words', snapshot, seed: quick.seed });
    const trained = await followed(quick, run);
    return { found: rewardOf(trained), text: `${validationText(testOf(trained))}`.trimEnd() };
  },
};

export const badLabelsStep: Step<RewardFound> = {
  name: 'bad labels',
  title: 'Train one on the same judgements with winners and losers swapped, as a slip in a script would.',
  async work(quick) {
    const snapshot = await quick.once('bad labels', () => flippedSnapshot(quick));
    const run = await startedRun(quick, { ...linear, name: 'bad-labels', snapshot, seed: quick.seed });
    const found = rewardOf(await followed(quick, run));
    return {
      found,
      text: `Its own test does not notice: ${percent(found.accuracy)} on judgements that are swapped as well. It will be a canary.`,
    };
  },
};

interface Queued {
  readonly transformer: string;
  readonly sft: string;
}

const policyLength = { maxLength: 192, maxNewTokens: 80 };

export const queueStep: Step<Queued> = {
  name: 'long trainings',
  title:
    'Queue what takes longer: a reward model that reads texts, and a policy that learns from good answers.',
  async work(quick) {
    const { snapshot } = quick.found(moreStep);
    const { transformer, sft } = quick.sizes;
    const { seed } = quick;
    const reads = await startedRun(quick, {
      ...{ kind: 'reward.train', name: 'reader', model: 'transformer', snapshot, seed },
      limitPairs: transformer.pairs,
      settings: { base: 'new', epochs: transformer.epochs, maxLength: policyLength.maxLength },
    });
    const writes = await startedRun(quick, {
      ...{ kind: 'policy.train', name: 'writer-sft', method: 'sft', policy: 'new', snapshot, seed },
      settings: {
        ...{ epochs: sft.epochs, batchSize: 24, learningRate: 3e-3 },
        ...{ maxLength: policyLength.maxLength, evaluateEvery: 1000 },
      },
    });
    return {
      found: { transformer: reads, sft: writes },
      text: 'They run in processes of their own, one after the other, while people label.',
    };
  },
};

export const readerStep: Step<RewardFound> = {
  name: 'transformer reward model',
  title: 'The reward model that reads texts, a small transformer trained from nothing.',
  async work(quick) {
    const trained = await followed(quick, quick.found(queueStep).transformer);
    return { found: rewardOf(trained), text: `${validationText(testOf(trained))}`.trimEnd() };
  },
};

interface PolicyFound extends Pick<Trained, 'run' | 'model' | 'version' | 'seconds'> {
  readonly folder: string;
}

const policyOf = ({ run, model, version, seconds, card }: Trained): PolicyFound => ({
  ...{ run, model, version, seconds, folder: String(card.folder) },
});

export const sftStep: Step<PolicyFound> = {
  name: 'supervised policy',
  title: 'The policy that has learned to write from the answers that people preferred.',
  async work(quick) {
    const found = policyOf(await followed(quick, quick.found(queueStep).sft));
    return { found, text: `${found.version}, in ${found.seconds.toFixed(0)} s.` };
  },
};

interface Distilled extends Pick<Trained, 'run' | 'model' | 'version' | 'seconds'> {
  /** Share of held-out pairs that it orders as its teacher does. */
  readonly agreement: number;
}

export const distilStep: Step<Distilled> = {
  name: 'proxy',
  title: 'Let the transformer teach a model that reads words, which can answer in its place at once.',
  async work(quick) {
    const run = await startedRun(quick, {
      ...{ kind: 'reward.distil', name: 'quick-reader', model: 'linear', seed: quick.seed },
      ...{ teacher: quick.found(readerStep).model, snapshot: quick.found(moreStep).snapshot },
    });
    const { model, version, seconds, card } = await followed(quick, run);
    const { agreement } = card.fidelity as Distilled;
    return {
      found: { run, model, version, seconds, agreement },
      text: `${version} orders ${percent(agreement)} of unseen pairs as its teacher does.`,
    };
  },
};

interface HeldOut {
  readonly reward: number;
  readonly gold?: number;
  readonly kl: number;
}

interface SteeredFound extends PolicyFound {
  readonly start: HeldOut;
  readonly kept: HeldOut;
  readonly stopped: string | null;
}

export const ppoStep: Step<SteeredFound> = {
  name: 'steered policy',
  title: 'Let it write, be rewarded, and learn, by PPO, while the true quality is watched.',
  async work(quick) {
    const { steps, promptsPerStep, heldOut } = quick.sizes.ppo;
    const run = await startedRun(quick, {
      ...{ kind: 'policy.train', name: 'writer-ppo', method: 'ppo', seed: quick.seed },
      ...{ policy: quick.found(sftStep).model, reward: quick.found(wordsStep).model, gold: 'gold' },
      snapshot: quick.found(moreStep).snapshot,
      settings: {
        ...{ steps, promptsPerStep, heldOut, samples: 4, maxNewTokens: policyLength.maxNewTokens },
        ...{ innerEpochs: 2, learningRate: 3e-4, missingEndPenalty: 1, evaluateEvery: 3 },
        ...{ kl: 0.05, klTarget: 8, klHorizon: 500, klLimit: 16 },
      },
    });
    const trained = await followed(quick, run, steps);
    const { start, kept, stopped } = trained.card as unknown as Pick<
      SteeredFound,
      'start' | 'kept' | 'stopped'
    >;
    const change = (of: 'reward' | 'gold'): string =>
      `${start[of]?.toFixed(2) ?? '?'} to ${kept[of]?.toFixed(2) ?? '?'}`;
    return {
      found: { ...policyOf(trained), start, kept, stopped },
      text: `On prompts that it was not trained on the reward goes from ${change('reward')}, and the true quality from ${change('gold')},
at ${kept.kl.toFixed(1)} nats from where it began.${stopped === null ? '' : ` It stopped early: ${stopped}`}`,
    };
  },
};

interface Evaluated extends Pick<EvaluatePolicyDocument, 'prompts' | 'comparison' | 'goldComparison'> {
  /** Means of the true quality. */
  readonly gold: { readonly sft: number; readonly ppo: number };
}

export const evaluateStep: Step<Evaluated> = {
  name: 'evaluation',
  title: 'Let both policies answer prompts that nobody has seen.',
  async work(quick) {
    const { evaluatePolicy } = await import('@plaudit/policy');
    const { statistics, other, prompts, comparison, goldComparison } = await evaluatePolicy({
      ...{ policy: quick.found(ppoStep).folder, against: quick.found(sftStep).folder },
      prompts: [await freshPromptsFile(quick)],
      ...{ reward: quick.found(wordsStep).folder, gold: 'gold', maxNewTokens: policyLength.maxNewTokens },
      ...{ seed: quick.seed, signal: quick.signal, onProgress: quick.onProgress },
    });
    const gold = { sft: other!.gold!.mean, ppo: statistics.gold!.mean };
    return {
      found: { prompts, comparison, goldComparison, gold },
      text: `By the reward model the steered one wins ${percent(comparison!.winRate)}, by the true quality ${percent(goldComparison!.winRate)}${lengthControlled(goldComparison)}.
True quality ${gold.sft.toFixed(2)} before, ${gold.ppo.toFixed(2)} after.`,
    };
  },
};

const lengthControlled = (of: EvaluatePolicyDocument['goldComparison']): string =>
  of?.lengthControlled ? ` (${percent(of.lengthControlled.winRate)} at equal length)` : '';

/** Answers of a policy to so many fresh prompts, in their order. */
export const answersOf = async (quick: Quickstart, folder: string): Promise<readonly string[]> => {
  const { generateResponses } = await import('@plaudit/policy');
  const { results } = await generateResponses(folder, await freshPromptsFile(quick), {
    ...{ maxNewTokens: policyLength.maxNewTokens, seed: quick.seed + 1 },
    ...{ signal: quick.signal, onProgress: quick.onProgress },
  });
  return results.map(({ responses }) => responses[0]!.text);
};
