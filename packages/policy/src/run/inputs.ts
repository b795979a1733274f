/** @file What a run begins with: the inputs that its method takes, the sides of its data, the policy that it starts from. */
import { plauditError } from '@plaudit/contract';
import { splitByPrompt } from '@plaudit/feedback';
import { type Base, freshBase, runFingerprint, textsOf } from '@plaudit/reward';
import type { PolicyConfiguration } from '../trainer/configuration.ts';
import { defaultMaxLength, type OpenedPolicy, openPolicy } from '../trainer/files.ts';
import { isOnline, type PolicyMethod, type PolicySettings } from '../trainer/settings.ts';
import { holdOut, type PolicyData, readPolicyData, readPrompts } from './data.ts';
import type { Side } from './open-method.ts';
import type { TrainPolicyOptions } from './train.ts';

const refuse = (setting: string, problem: string): never => {
  throw plauditError('policy.bad_configuration', { setting, problem });
};

/** Refuses what a method has no use for, and the absence of what it cannot do without. */
export const requireInputs = (method: PolicyMethod, options: TrainPolicyOptions): void => {
  const { data, format, prompts, reward, rewardCombination, gold, heldOutPrompts } = options;
  const given = { data, format, prompts, reward, rewardCombination, gold, heldOutPrompts };
  const needed = isOnline(method) ? ['prompts', 'reward'] : ['data'];
  const useless = isOnline(method)
    ? ['data', 'format']
    : ['prompts', 'reward', 'rewardCombination', 'gold', 'heldOutPrompts'];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined && needed.includes(name)) refuse(name, `${method} cannot do without it`);
    if (value !== undefined && useless.includes(name)) refuse(name, `${method} does not use it`);
  }
};

/** Share of the conversations that validates an offline run. */
const validationShare = 0.1;

export const readSide = async (
  method: PolicyMethod,
  { data = [], format, prompts = [], heldOutPrompts, signal }: TrainPolicyOptions,
  settings: PolicySettings,
  seed: number,
): Promise<Side> => {
  if (!isOnline(method)) {
    const read: PolicyData = await readPolicyData(data, { format, signal });
    const split = splitByPrompt(read.trees, { seed, validation: validationShare, test: 0 });
    return { ...read, kind: 'offline', train: split.train, validation: split.validation };
  }
  const read = await readPrompts(prompts, signal);
  const others = heldOutPrompts && (await readPrompts(heldOutPrompts, signal));
  const count = settings.heldOut ?? 64;
  const own = others
    ? { train: read.prompts, heldOut: others.prompts.slice(0, count), alike: false }
    : holdOut(read.prompts, Math.min(count, Math.floor(read.prompts.length / 2)), seed);
  if (own.train.length === 0 || own.heldOut.length === 0)
    throw plauditError('policy.nothing_to_learn', {
      rows: read.prompts.length,
      usable: own.train.length,
      method,
      needed: 2,
    });
  return {
    kind: 'online',
    sources: [...read.sources, ...(others?.sources ?? [])],
    rows: read.prompts.length,
    rejects: 0,
    ...own,
  };
};

/** Of what is on which side: the same files make other runs, read in another format or held out. */
export const splitDigest = (side: Side): string =>
  runFingerprint(
    side.kind === 'online'
      ? [side.train, side.heldOut]
      : [side.train, side.validation].map((trees) => trees.map(({ id }) => id)),
  );

export const openStart = async (
  { policy, signal, onProgress }: TrainPolicyOptions,
  { maxLength }: PolicySettings,
  side: Side,
): Promise<OpenedPolicy> => {
  if (policy !== 'new')
    return openPolicy(policy, maxLength, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
  const texts =
    side.kind === 'offline'
      ? side.train.flatMap(({ prompt, responses }) => textsOf(prompt, responses))
      : side.train.flatMap((prompt) => textsOf(prompt, []));
  const base: Base = freshBase(texts, maxLength ?? defaultMaxLength);
  return { base, card: null, lora: null, values: null, digest: 'new' };
};

/** A policy that is an adapter goes on as the adapter that it is. */
export const requireSameAdapter = (
  { lora }: OpenedPolicy,
  { lora: wanted, training }: PolicyConfiguration,
): void => {
  if (!lora) return;
  if (training === 'full') refuse('full', 'the policy is an adapter: export it merged first, and train that');
  const sorted = (names: readonly string[]): string => [...names].sort().join();
  const differs = {
    rank: wanted!.rank !== lora.rank,
    alpha: wanted!.alpha !== lora.alpha,
    targets: sorted(wanted!.targets) !== sorted(lora.targets),
  };
  for (const [setting, other] of Object.entries(differs))
    if (other)
      refuse(
        setting,
        `the policy is an adapter of rank ${lora.rank}, alpha ${lora.alpha} on ${lora.targets.join(', ')}, and goes on as that`,
      );
};
