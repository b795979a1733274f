/** @file A roll-out with customers: it is started, and traffic goes on until the server's controller has decided. */
import { plauditError } from '@plaudit/contract';
import { questionsOf } from './customers.ts';
import type { Quickstart } from './step.ts';
import { deployment, send } from './traffic.ts';

export interface Outcome {
  readonly status: string;
  /** Why it ended or paused, as the deployment's history says. */
  readonly reason: string;
  /** Shares that the canary had, in their order. */
  readonly shares: readonly number[];
  readonly requests: number;
}

/** A canary may cause up to half as many incidents again: two thresholds on two scales never hold back exactly the same. */
const tolerated = 1.5;
const customersOfWave = 60;
/** More waves than any decision has needed, by far. */
const mostWaves = 60;

/** @param wave Tells the customers of one roll-out from those of another */
export const rolledOut = async (quick: Quickstart, canary: string, wave: string): Promise<Outcome> => {
  const { project, sizes } = quick;
  const engineer = quick.as('engineer');
  const rollOut = await startedRollOut(quick, canary);
  let requests = 0;
  for (let number = 0; number < mostWaves; number++) {
    const { rollOut: now, look } = await engineer.call('getRollOut', { params: { project, rollOut } });
    if (now.status !== 'running')
      return { ...(await historyOf(quick, canary)), status: now.status, requests };
    const { units = 0 } = look?.seen.canary ?? {};
    quick.onProgress({
      phase: `canary at ${Math.round(100 * (look?.seen.share ?? 0))} %`,
      ...{ step: Math.min(units, sizes.unitsOfStep), totalSteps: sizes.unitsOfStep },
    });
    const questions = questionsOf(quick, customersOfWave, 20 + number);
    requests += (await send(quick, questions, `${wave}-${number}`, 'outspoken')).requests;
  }
  throw plauditError('cli.quickstart_failed', {
    problem: 'the roll-out has not been decided after an hour of customers',
  });
};

const startedRollOut = (quick: Quickstart, canary: string): Promise<string> =>
  quick.once(`roll-out ${canary}`, async () => {
    const { project, sizes } = quick;
    const engineer = quick.as('engineer');
    const { rollOuts } = await engineer.call('listRollOuts', { params: { project }, query: { deployment } });
    const known = rollOuts.find((one) => one.canary === canary);
    if (known) return known.id;
    const { revision } = await engineer.call('getDeployment', { params: { project, deployment } });
    const { id } = await engineer.call('startRollOut', {
      params: { project },
      body: {
        ...{ deployment, canary, after: revision, reason: 'it has passed every gate' },
        plan: {
          // Hours in a real one; here customers come quickly.
          ...{ steps: [0.2, 0.5, 1], minutes: 0, settle: 1, units: sizes.unitsOfStep, patience: 30 },
          guardrails: [{ metric: 'incidents', tolerated }, { metric: 'failures' }],
        },
      },
    });
    return id;
  });

const historyOf = async (quick: Quickstart, canary: string) => {
  const { revisions } = await quick.as('engineer').call('deploymentHistory', {
    params: { project: quick.project, deployment },
    query: { limit: 100 },
  });
  const shares = revisions.filter((one) => one.canary === canary).map(({ canaryShare }) => canaryShare);
  return { reason: revisions[0]!.reason, shares: shares.reverse() };
};
