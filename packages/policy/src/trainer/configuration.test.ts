/** @file What settings become, and which are refused: by the field, with the reason. */
import { PlauditError } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../objectives/settings.ts';
import { resolvePolicyConfiguration } from './configuration.ts';
import { type PolicyMethod, type PolicySettings, policyMethods, policySettings } from './settings.ts';

type More = NonNullable<Parameters<typeof resolvePolicyConfiguration>[4]>;
const resolve = (method: PolicyMethod, settings: object = {}, more: More = {}) =>
  resolvePolicyConfiguration(
    method,
    parseSettings(policySettings, settings) as PolicySettings,
    { loraTargets: ['q_proj'] },
    64,
    more,
  );

/** Setting and problem of the refusal. */
const refusal = (method: PolicyMethod, settings: object, more?: More): [unknown, unknown] => {
  try {
    resolve(method, settings, more);
  } catch (error) {
    if (error instanceof PlauditError && error.code === 'policy.bad_configuration')
      return [error.parameters.setting, error.parameters.problem];
    throw error;
  }
  throw new Error(`${method} took ${JSON.stringify(settings)}`);
};

describe('a setting that a method has no use for', () => {
  it.each([
    ['sft', { beta: 1 }],
    ['sft', { steps: 3 }],
    ['dpo', { samples: 2 }],
    ['dpo', { gamma: 0.5 }],
    ['simpo', { loss: 'hinge' }],
    ['orpo', { labelSmoothing: 0.1 }],
    ['kto', { labelSmoothing: 0.1 }],
    ['bco', { loss: 'kto' }],
    ['ppo', { epochs: 2 }],
    ['ppo', { normalisation: 'token' }],
    ['rloo', { valueClip: 0.1 }],
    ['reinforce', { clip: 0.2 }],
    ['reinforce', { dualClip: 3 }],
    ['grpo', { lambda: 0.9 }],
    ['grpo', { klTarget: 6 }],
    ['online-dpo', { kl: 0.1 }],
    ['best-of-n', { beta: 0.1 }],
    ['best-of-n', { innerEpochs: 2 }],
  ] as const)('is refused: %s with %j', (method, settings) => {
    expect(refusal(method, settings)).toEqual([Object.keys(settings)[0], `${method} does not use it`]);
  });

  it.each([
    ['ppo', { klHorizon: 100 }, 'klHorizon', 'klTarget'],
    ['grpo', { costLimit: 0 }, 'costLimit', 'cost'],
  ] as const)('alone is refused: %s with %j', (method, settings, setting, other) => {
    expect(refusal(method, settings)).toEqual([setting, `it has a meaning only beside ${other}`]);
  });
});

describe('a setting of the wrong kind or size', () => {
  it.each([
    ['sft', { learningRate: 0 }, 'learningRate'],
    ['sft', { learningRate: 2 }, 'learningRate'],
    ['sft', { schedule: 'exponential' }, 'schedule'],
    ['sft', { batchSize: 1.5 }, 'batchSize'],
    ['sft', { maxLength: 8 }, 'maxLength'],
    ['sft', { provider: 'abacus' }, 'provider'],
    ['sft', { targets: [] }, 'targets'],
    ['sft', { unheardOf: 1 }, 'unheardOf'],
    ['dpo', { labelSmoothing: 0.5 }, 'labelSmoothing'],
    ['dpo', { loss: 'kto' }, 'loss'],
    ['dpo', { loss: 'sigmod' }, 'loss'],
    ['kto', { loss: 'sigmoid' }, 'loss'],
    ['online-dpo', { loss: 'bco' }, 'loss'],
    ['grpo', { samples: 1 }, 'samples'],
    ['rloo', { samples: 1 }, 'samples'],
    ['online-dpo', { samples: 1 }, 'samples'],
    ['best-of-n', { samples: 1 }, 'samples'],
    ['ppo', { topP: 0 }, 'topP'],
    ['ppo', { temperature: 0 }, 'temperature'],
    ['ppo', { clip: 1.5 }, 'clip'],
    ['ppo', { kl: 0, klTarget: 6 }, 'kl'],
    ['ppo', { klEstimator: 'k2' }, 'klEstimator'],
    ['ppo', { promptsPerStep: 2, minibatches: 3 }, 'minibatches'],
    ['grpo', { importance: 'sequence', dualClip: 3 }, 'dualClip'],
    ['grpo', { onRewardFailure: 'ignore' }, 'onRewardFailure'],
  ] as const)('is refused: %s with %j', (method, settings, setting) => {
    const [named, problem] = refusal(method, settings);
    expect(named).toBe(setting);
    expect(String(problem).length).toBeGreaterThan(10);
  });

  it('names the losses that there are', () => {
    expect(refusal('kto', { loss: 'sigmoid' })[1]).toBe(
      'kto has no sigmoid; it has kto, apo_zero_unpaired, bco',
    );
  });
});

describe('what is trained', () => {
  it.each(['rank', 'alpha', 'targets'] as const)('%s belongs to adapters', (name) => {
    const settings = { full: true, [name]: name === 'targets' ? ['q_proj'] : 4 };
    expect(refusal('dpo', settings)[0]).toBe(name);
  });

  it('cannot be int8', () => {
    expect(refusal('sft', { full: true, int8: true })[0]).toBe('int8');
    expect(resolve('sft', { int8: true }).frozen).toBe('int8');
  });

  it('is every weight of a model from nothing, which only supervised fine-tuning makes', () => {
    expect(resolve('sft', {}, { fresh: true })).toMatchObject({ training: 'full', lora: null });
    for (const method of policyMethods.filter((name) => name !== 'sft'))
      expect(refusal(method, {}, { fresh: true })).toEqual(['policy', expect.stringContaining('sft')]);
  });

  it('is every weight again of a policy whose every weight was, unless it is to be an adapter', () => {
    expect(resolve('ppo', {}, { wasFull: true }).training).toBe('full');
    expect(resolve('ppo', { full: false }, { wasFull: true }).training).toBe('lora');
  });

  it('is the adapter that a policy already is, whatever its sizes', () => {
    const adapter = { rank: 3, alpha: 5, targets: ['v_proj'], dropout: 0 };
    expect(resolve('ppo', {}, { adapter }).lora).toEqual(adapter);
    expect(resolve('ppo').lora).toEqual({ rank: 16, alpha: 32, targets: ['q_proj'], dropout: 0 });
  });
});

describe('defaults', () => {
  it('give each method its objective under the names that the objective has', () => {
    const objective = (method: PolicyMethod, settings = {}) => resolve(method, settings).objective;
    expect(objective('sft')).toBeNull();
    expect(objective('dpo', { beta: 0.3, labelSmoothing: 0.1 })).toEqual({
      name: 'sigmoid',
      settings: { beta: 0.3, labelSmoothing: 0.1 },
    });
    expect(objective('dpo', { loss: 'robust', labelSmoothing: 0.2 })).toEqual({
      name: 'robust',
      settings: { flipRate: 0.2 },
    });
    expect(objective('simpo', { gamma: 0.4 })).toEqual({ name: 'simpo', settings: { gammaRatio: 0.4 } });
    expect(objective('cpo', { loss: 'ipo' })).toEqual({ name: 'cpo', settings: { loss: 'ipo' } });
    expect(objective('online-dpo')).toEqual({ name: 'sigmoid', settings: {} });
  });

  it('charge for leaving the reference only where that is part of the method', () => {
    const coefficients = (['ppo', 'rloo', 'reinforce', 'grpo', 'online-dpo', 'best-of-n'] as const).map(
      (method) => resolve(method).online!.kl.coefficient,
    );
    expect(coefficients).toEqual([0.05, 0.05, 0.05, 0, 0, 0]);
  });

  it('give every method what its settings allow', () => {
    for (const method of policyMethods) {
      const { online, epochs } = resolve(method);
      expect(online === null).toBe(
        !['ppo', 'rloo', 'reinforce', 'grpo', 'online-dpo', 'best-of-n'].includes(method),
      );
      expect(epochs).toBeGreaterThan(0);
      if (online) expect(online.promptsPerStep * online.samples).toBe(64);
    }
  });
});
