/** @file What the tests of objectives share: running their graphs, random inputs, how far numbers are apart. */
import type { Random } from '@plaudit/contract';
import {
  compile,
  type EngineWorker,
  Graph,
  gradients,
  ops,
  type Tensor,
  type TensorValue,
} from '@plaudit/engine';
import type {
  LabelClosedForm,
  LabelInputs,
  LabelObjective,
  PairClosedForm,
  PairInputs,
  PairObjective,
} from './preference-objective.ts';
import type { Surrogate, TokenInputs, ValueInputs } from './surrogate.ts';
import type { ValueLoss } from './value-loss.ts';

type Numbers = readonly number[];

/** An open graph that answers what a closed form is asked, in float32. */
export interface Opened<Inputs, Answer> {
  evaluate(inputs: Inputs): Promise<Answer>;
  close(): Promise<void>;
}

const float32 = (data: Numbers, shape: readonly number[] = [data.length]): TensorValue => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

/** Opens a graph of vectors of one length. All are fed, whether or not they are read. */
const openVectors = async <Name extends string>(
  worker: EngineWorker,
  names: readonly Name[],
  build: (inputs: Readonly<Record<Name, Tensor>>, graph: Graph) => Readonly<Record<string, Tensor>>,
) => {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    names.map((name) => [name, graph.input(name, 'float32', ['n'], { kept: true })]),
  ) as Record<Name, Tensor>;
  const session = await worker.open(compile(build(inputs, graph)));
  return {
    async run(given: Readonly<Record<Name, Numbers>>, more: Readonly<Record<string, TensorValue>> = {}) {
      const vectors = Object.fromEntries(names.map((name) => [name, float32(given[name])]));
      const result = await session.run({ ...vectors, ...more });
      return (name: string): number[] => [...((result[name]?.data ?? []) as Float32Array)];
    },
    close: () => session.close(),
  };
};

export const openPairs = async (
  worker: EngineWorker,
  objective: PairObjective,
): Promise<Opened<PairInputs<Numbers>, PairClosedForm>> => {
  const names = [
    'chosen',
    'rejected',
    'referenceChosen',
    'referenceRejected',
    'chosenTokens',
    'rejectedTokens',
  ] as const;
  const { run, close } = await openVectors(worker, names, (inputs) => {
    const losses = objective.loss(inputs);
    const [chosen, rejected] = gradients(ops.reduceSum(losses), [inputs.chosen, inputs.rejected]);
    return { losses, byChosen: chosen!, byRejected: rejected! };
  });
  return {
    async evaluate(given) {
      const found = await run(given);
      return { losses: found('losses'), chosen: found('byChosen'), rejected: found('byRejected') };
    },
    close,
  };
};

export const openLabels = async (
  worker: EngineWorker,
  objective: LabelObjective,
): Promise<Opened<LabelInputs<Numbers>, LabelClosedForm>> => {
  const names = ['policy', 'reference', 'tokens', 'desirable', 'baseline'] as const;
  const { run, close } = await openVectors(worker, names, (inputs) => {
    const losses = objective.loss(inputs);
    const [policy] = gradients(ops.reduceSum(losses), [inputs.policy]);
    return { losses, byPolicy: policy! };
  });
  return {
    async evaluate(given) {
      const found = await run(given);
      return { losses: found('losses'), policy: found('byPolicy') };
    },
    close,
  };
};

/** @param entropyBonus Whether the loss reads the entropy, so that there is a gradient by it */
export const openSurrogate = async (
  worker: EngineWorker,
  surrogate: Surrogate,
  entropyBonus: boolean,
): Promise<Opened<TokenInputs<Numbers>, ReturnType<Surrogate['evaluate']>>> => {
  const names = ['logProbability', 'old', 'reference', 'advantage', 'weight', 'entropy'] as const;
  const { run, close } = await openVectors(worker, names, (inputs, graph) => {
    const membership = graph.input('membership', 'float32', ['responses', 'n'], { kept: true });
    const { loss, clipped, moved } = surrogate.loss({ ...inputs, membership });
    const read = [inputs.logProbability, ...(entropyBonus ? [inputs.entropy] : [])];
    const [logProbability, entropy] = gradients(loss, read);
    return {
      loss,
      clipped,
      moved,
      byLogProbability: logProbability!,
      ...(entropy && { byEntropy: entropy }),
    };
  });
  return {
    async evaluate(given) {
      const responses = Math.max(...given.membership) + 1;
      const rows = Array.from({ length: responses }, (_, response) =>
        given.membership.map((own) => (own === response ? 1 : 0)),
      );
      const shape = [responses, given.membership.length];
      const found = await run(given, { membership: float32(rows.flat(), shape) });
      return {
        loss: found('loss')[0]!,
        clipped: found('clipped')[0]!,
        moved: found('moved')[0]!,
        logProbability: found('byLogProbability'),
        entropy: entropyBonus ? found('byEntropy') : given.entropy.map(() => 0),
      };
    },
    close,
  };
};

export const openValueLoss = async (
  worker: EngineWorker,
  { loss: lossOf }: ValueLoss,
): Promise<Opened<ValueInputs<Numbers>, ReturnType<ValueLoss['evaluate']>>> => {
  const names = ['value', 'oldValue', 'return', 'weight'] as const;
  const { run, close } = await openVectors(worker, names, (inputs) => {
    const { loss, clipped } = lossOf(inputs);
    return { loss, clipped, byValue: gradients(loss, [inputs.value])[0]! };
  });
  return {
    async evaluate(given) {
      const found = await run(given);
      return { loss: found('loss')[0]!, clipped: found('clipped')[0]!, value: found('byValue') };
    },
    close,
  };
};

/**
 * The largest difference between the numbers and lists of numbers that `expected` has and those of the same names in
 * `found`, in units of the expected one where that is above 1; NaN if any is.
 */
export const worstDifference = (found: object, expected: object): number => {
  const numbers = (value: unknown): Numbers => [value].flat() as number[];
  const differences = Object.entries(expected).map(([name, value]) => {
    const left = numbers(found[name as keyof typeof found]);
    const right = numbers(value);
    if (left.length !== right.length) return Number.NaN;
    return Math.max(0, ...right.map((one, i) => Math.abs(left[i]! - one) / Math.max(1, Math.abs(one))));
  });
  return Math.max(0, ...differences);
};

/** Numbers of a scale that float32 holds, so that both forms see the same. */
export const normals = (random: Random, count: number, scale: number, mean = 0): number[] =>
  Array.from({ length: count }, () => Math.fround(mean + random.normal() * scale));

/** Pairs of responses of 1 to 30 tokens whose log-ratios are of the given scale. */
export const randomPairs = (random: Random, scale: number): PairInputs<Numbers> => {
  const count = 2 + random.integer(6);
  const side = () => {
    const tokens = Array.from({ length: count }, () => 1 + random.integer(30));
    const own = tokens.map((n) => Math.fround(-n * (0.3 + random.uniform() * 2)));
    return { tokens, own, reference: own.map((value) => Math.fround(value + random.normal() * scale)) };
  };
  const [chosen, rejected] = [side(), side()];
  return {
    chosen: chosen.own,
    rejected: rejected.own,
    referenceChosen: chosen.reference,
    referenceRejected: rejected.reference,
    chosenTokens: chosen.tokens,
    rejectedTokens: rejected.tokens,
  };
};

/** Central differences of a function of a list, at each place. */
export const centralDifferences = (at: Numbers, of: (values: Numbers) => number, step = 1e-5): number[] =>
  at.map((value, i) => (of(at.with(i, value + step)) - of(at.with(i, value - step))) / (2 * step));
