/** @file A program's own thread: compiles its rules, imports its module, and answers one response at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Failure, ModuleResult, ProgramResult, Question, ThreadData } from './protocol.ts';
import { places } from './protocol.ts';
import { type CompiledRule, compileCondition, compileRule, type Judged } from './rules.ts';

const { rules, conditions, module, objectives, running } = workerData as ThreadData;
const port = parentPort!;

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** The error's class, which is the program's own word and says nothing about the response. */
const nameOf = (error: unknown): string =>
  error instanceof Error ? error.constructor.name.slice(0, 60) : `a ${typeof error}`;

class Fault extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.problem);
    this.failure = failure;
  }
}

type Program = (prompt: Judged['prompt'], response: string) => unknown;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const finite = (value: unknown, what: string): number => {
  if (typeof value !== 'number')
    throw new Fault({ problem: `its ${what} is no number but ${value === null ? 'null' : typeof value}` });
  if (!Number.isFinite(value)) throw new Fault({ problem: `its ${what} is ${value}` });
  return value;
};

/** A number, or named parts of which the reward is the sum. @throws Fault for what is no reward */
const anyResultOf = (value: unknown): ModuleResult => {
  if (!isRecord(value)) return { reward: finite(value, 'reward'), perObjective: {} };
  const parts = isRecord(value.perObjective) ? value.perObjective : value;
  const perObjective = Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, finite(part, 'part')]),
  );
  const values = Object.values(perObjective);
  if (parts === value && values.length === 0) throw new Fault({ problem: 'it gave an object without parts' });
  const sum = values.reduce((total, part) => total + part, 0);
  return { reward: finite(parts === value ? sum : value.reward, 'reward'), perObjective };
};

/** @throws Fault for what is no reward */
const resultOf = (value: unknown): ModuleResult => {
  if (objectives === 'any') return anyResultOf(value);
  if (!isRecord(value)) {
    if (objectives !== null) throw new Fault({ problem: 'it gave no perObjective' });
    return { reward: finite(value, 'reward'), perObjective: {} };
  }
  const reward = finite(value.reward, 'reward');
  const given = value.perObjective;
  if (objectives === null) {
    if (given !== undefined)
      throw new Fault({ problem: 'it gave perObjective, and its specification names no objectives' });
    return { reward, perObjective: {} };
  }
  if (!isRecord(given)) throw new Fault({ problem: 'it gave no perObjective' });
  const extra = Object.keys(given).find((name) => !objectives.includes(name));
  if (extra !== undefined)
    throw new Fault({ problem: 'it gave an objective that its specification does not name' });
  return {
    reward,
    perObjective: Object.fromEntries(objectives.map((name) => [name, finite(given[name], name)])),
  };
};

const importProgram = async (): Promise<Program | null> => {
  if (module === null) return null;
  const { default: program } = (await import(module)) as { default?: unknown };
  if (typeof program !== 'function')
    throw new Fault({ problem: 'it has no default export that is a function' });
  return program as Program;
};

/** Says with the failure which field of the specification is at fault. */
const compileAll = async (): Promise<CompiledRule[]> => {
  const compiled: CompiledRule[] = [];
  for (const [i, rule] of rules.entries())
    try {
      compiled.push(await compileRule(rule));
    } catch (error) {
      const field = `rules.${i}.${rule.type === 'json' ? 'schema' : 'pattern'}`;
      const problem = error instanceof Error ? error.message.split('\n')[0]! : 'it cannot be used';
      throw Object.assign(new Fault({ problem, thrown: describe(error) }), { field });
    }
  return compiled;
};

const start = async (): Promise<void> => {
  const compiled = await compileAll();
  const holding = conditions.map(compileCondition);
  const program = await importProgram();

  const evaluate = async (judged: Judged): Promise<ProgramResult> => {
    Atomics.store(running, 0, places.condition);
    const held = holding.map((holds) => holds(judged));
    const values = compiled.map((rule, i) => {
      Atomics.store(running, 0, i);
      return rule(judged);
    });
    if (program === null) return { rules: values, conditions: held, module: null };
    Atomics.store(running, 0, places.module);
    let value: unknown;
    try {
      value = await program(structuredClone(judged.prompt), judged.response);
    } catch (error) {
      throw new Fault({ problem: `it threw ${nameOf(error)}`, thrown: describe(error) });
    }
    return { rules: values, conditions: held, module: resultOf(value) };
  };

  port.on('message', async ({ id, judged }: Question) => {
    try {
      port.postMessage({ id, result: await evaluate(judged) } satisfies Answer);
    } catch (error) {
      const failure =
        error instanceof Fault
          ? error.failure
          : { problem: `a rule failed with ${nameOf(error)}`, thrown: describe(error) };
      port.postMessage({ id, failure } satisfies Answer);
    }
  });
};

try {
  await start();
  port.postMessage({ id: -1 } satisfies Answer);
} catch (error) {
  const failure =
    error instanceof Fault
      ? { ...error.failure, ...('field' in error && { field: String(error.field) }) }
      : { problem: `it cannot be loaded (${nameOf(error)})`, thrown: describe(error) };
  port.postMessage({ id: -1, failure } satisfies Answer);
}
