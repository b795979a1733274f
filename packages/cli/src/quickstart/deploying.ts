/** @file Steps: bundles with their gates, what serves, a canary that is promoted and one that is taken back. */
import { writeFile } from 'node:fs/promises';
import type { Judgement } from '@plaudit/contract';
import type { Input } from '@plaudit/sdk';
import { promptId, responseId } from '@plaudit/store';
import { percent, plural } from '../output/text.ts';
import { questionsOf } from './customers.ts';
import { gatesStep } from './feedback.ts';
import {
  badLabelsStep,
  evaluateStep,
  ppoStep,
  type RewardFound,
  readerStep,
  sftStep,
  wordsStep,
} from './models.ts';
import { type Outcome, rolledOut } from './roll-outs.ts';
import type { Quickstart, Step } from './step.ts';
import { deployment, send } from './traffic.ts';

/** The objective that every model here has, and the share of answers that are held back for its sake. */
const objective = 'preference';
const heldBack = 0.02;

interface BundlePlan {
  readonly reward: RewardFound;
  readonly policy: string;
  readonly evaluation: Readonly<Record<string, unknown>>;
  /** Reward below which an answer is not shown; null for none. */
  readonly threshold: number | null;
}

interface Bundle {
  readonly id: string;
  readonly name: string;
}

/** A bundle that has recorded its golden scores, is evaluated, and approved by somebody else. */
const bundled = async (quick: Quickstart, part: string, plan: BundlePlan): Promise<Bundle> => {
  const { project } = quick;
  const engineer = quick.as('engineer');
  const guardrails: Input<'createBundle'>['body']['guardrails'] =
    plan.threshold === null
      ? undefined
      : { objectives: [{ objective, least: plan.threshold, action: 'block' }] };
  const made = await quick.once(`bundle ${part}`, async () => {
    const { id, name, version } = await engineer.call('createBundle', {
      params: { project },
      body: {
        ...{ name: 'support', rewardModel: plan.reward.model, policy: plan.policy },
        reference: quick.found(sftStep).model,
        ...(guardrails && { guardrails }),
      },
    });
    return { id, name: `${name}@${version}` };
  });
  await quick.once(`evaluated ${part}`, async () => {
    const params = { project, bundle: made.id };
    const { bundle } = await engineer.call('getBundle', { params });
    if (bundle.state === 'draft') {
      await engineer.call('recordGoldenScores', { params, body: { items: await goldenItems(quick) } });
      await engineer.call('recordEvaluation', { params, body: { document: plan.evaluation } });
    }
    const reason = 'Golden scores and evaluation are on record.';
    await quick.as('reviewer').call('approveBundle', { params, body: { reason } });
  });
  return made;
};

const goldenItems = async (quick: Quickstart) => {
  const { rows } = await quick.as('engineer').call('listSnapshotRows', {
    params: { project: quick.project, snapshot: quick.found(gatesStep).snapshot },
    query: { limit: 16 },
  });
  return rows.flatMap((row) => {
    const judgement = row.judgement as Judgement | null;
    if (judgement?.kind !== 'comparison') return [];
    const prompt = promptId(judgement.prompt);
    return [{ prompt, responses: judgement.responses.map((text) => responseId(prompt, text)) }];
  });
};

const revisionOf = async (quick: Quickstart): Promise<number> => {
  const { revisions } = await quick.as('engineer').call('deploymentHistory', {
    params: { project: quick.project, deployment },
    query: { limit: 1 },
  });
  return revisions[0]?.revision ?? 0;
};

/** The reward below which a share of drafted answers lies. */
const thresholdOf = async (quick: Quickstart, { folder }: RewardFound): Promise<number> => {
  const { scoreRows } = await import('@plaudit/reward');
  const path = quick.at('drafts.jsonl');
  const drafts = questionsOf(quick, 150, 2).map(({ text, answers }) => ({
    prompt: text,
    responses: answers,
  }));
  await writeFile(path, drafts.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { results } = await scoreRows(folder, path, { signal: quick.signal });
  const rewards = results.flatMap(({ rewards: of }) => of).sort((a, b) => a - b);
  return rewards[Math.floor(heldBack * rewards.length)]!;
};

interface Deployed {
  readonly bundle: Bundle;
  readonly threshold: number;
  readonly requests: number;
  readonly thumbs: number;
  /** When its traffic began and ended: what later traffic is compared with. */
  readonly from: string;
  readonly to: string;
}

export const deployStep: Step<Deployed> = {
  name: 'deployment',
  title: 'Bundle the first reward model and policy, pass the gates, and let them serve customers.',
  async work(quick) {
    const reward = quick.found(wordsStep);
    const threshold = await quick.once('threshold', () => thresholdOf(quick, reward));
    const bundle = await bundled(quick, 'first', {
      ...{ reward, policy: quick.found(sftStep).model, threshold },
      evaluation: {
        accuracy: reward.accuracy,
        interval: reward.interval,
        gold: quick.found(evaluateStep).gold.sft,
      },
    });
    if ((await revisionOf(quick)) === 0)
      await quick.as('engineer').call('promoteBundle', {
        params: { project: quick.project, deployment },
        body: { bundle: bundle.id, after: 0, reason: 'the first that passed every gate' },
      });
    const from = new Date().toISOString();
    const { requests, thumbs } = await send(
      quick,
      questionsOf(quick, quick.sizes.firstCustomers, 3),
      'first',
      'all',
    );
    const to = new Date().toISOString();
    return {
      found: { bundle, threshold, requests, thumbs, from, to },
      text: `${bundle.name} serves as ${deployment}. ${plural(requests, 'customer')} asked, ${thumbs} of them said whether they were content.
Answers with a reward below ${threshold.toFixed(2)} are blocked: that is ${percent(heldBack)} of the drafts.`,
    };
  },
};

interface Shadowed {
  readonly bundle: Bundle;
  readonly flipRate: number | null;
  /** Where the first bundle's threshold lies on the scale of this one. */
  readonly threshold: number;
}

/** What of the comparison with a shadow is used here. */
interface ShadowNumbers {
  readonly comparison: { readonly flips?: { readonly rate?: number } };
  readonly thresholds: readonly { readonly to: { readonly threshold?: number } }[];
}

export const shadowStep: Step<Shadowed> = {
  name: 'shadow',
  title: 'Let the transformer score the same traffic unseen, as a shadow.',
  async work(quick) {
    const { project } = quick;
    const engineer = quick.as('engineer');
    const reward = quick.found(readerStep);
    const { threshold: before } = quick.found(deployStep);
    const bundle = await bundled(quick, 'shadow', {
      ...{ reward, policy: quick.found(ppoStep).model, threshold: null },
      evaluation: { accuracy: reward.accuracy, interval: reward.interval },
    });
    const params = { project, deployment };
    const shadow = async (of: string | null): Promise<void> => {
      const { shadow: now, revision } = await engineer.call('getDeployment', { params });
      const reason =
        of === null ? 'its scores are known' : 'to see its scores before anybody depends on them';
      if (now !== of)
        await engineer.call('setShadow', { params, body: { bundle: of, after: revision, reason } });
    };
    await shadow(bundle.id);
    const from = new Date().toISOString();
    await send(quick, questionsOf(quick, quick.sizes.shadowCustomers, 4), 'shadow', 'outspoken');
    const numbers = await shadowNumbers(quick, from, before);
    await shadow(null);
    const flipRate = numbers.comparison.flips?.rate ?? null;
    const threshold = numbers.thresholds[0]!.to.threshold!;
    return {
      found: { bundle, flipRate, threshold },
      text: `${flipRate === null ? '' : `${bundle.name} orders ${percent(flipRate)} of the pairs of drafts the other way round. `}The threshold of ${before.toFixed(2)} lies at ${threshold.toFixed(2)} on the scale of ${bundle.name}.`,
    };
  },
};

/** Waits until the shadow has scored, and what it scored has been written: nobody waits for it while serving. */
const shadowNumbers = async (quick: Quickstart, from: string, threshold: number): Promise<ShadowNumbers> => {
  for (let look = 0; look < 60; look++) {
    await quick.wait(1000);
    const numbers = (await quick.as('engineer').call('compareShadow', {
      params: { project: quick.project, deployment },
      query: { from, to: new Date().toISOString(), thresholds: String(threshold) },
    })) as unknown as ShadowNumbers;
    if (numbers.thresholds[0]?.to.threshold !== undefined) return numbers;
  }
  throw new RangeError('the shadow has scored nothing');
};

interface CanaryFound extends Outcome {
  readonly bundle: Bundle;
}

export const canaryStep: Step<CanaryFound> = {
  name: 'canary',
  title:
    'Roll the transformer and the steered policy out, step by step, as long as no guardrail speaks against it.',
  async work(quick) {
    const reward = quick.found(readerStep);
    const { prompts, comparison, goldComparison, gold } = quick.found(evaluateStep);
    const bundle = await bundled(quick, 'canary', {
      ...{ reward, policy: quick.found(ppoStep).model, threshold: quick.found(shadowStep).threshold },
      evaluation: {
        ...{ accuracy: reward.accuracy, interval: reward.interval, gold: gold.ppo },
        policy: {
          prompts,
          winRate: comparison?.winRate ?? null,
          goldWinRate: goldComparison?.winRate ?? null,
        },
      },
    });
    const outcome = await rolledOut(quick, bundle.id, 'promoted');
    return { found: { bundle, ...outcome }, text: `${bundle.name}: ${outcomeText(outcome)}` };
  },
};

export const badCanaryStep: Step<CanaryFound> = {
  name: 'bad canary',
  title: 'Roll out the one that was trained on swapped labels, with the first threshold.',
  async work(quick) {
    const reward = quick.found(badLabelsStep);
    const { threshold } = quick.found(deployStep);
    const bundle = await bundled(quick, 'bad-labels', {
      ...{ reward, policy: quick.found(ppoStep).model, threshold },
      evaluation: { accuracy: reward.accuracy, interval: reward.interval, data: 'bad-labels' },
    });
    const outcome = await rolledOut(quick, bundle.id, 'bad');
    return { found: { bundle, ...outcome }, text: `${bundle.name}: ${outcomeText(outcome)}` };
  },
};

const outcomeText = ({ status, reason, requests, shares }: Outcome): string =>
  `${status.replace('_', ' ')} by the controller after ${plural(requests, 'request')}, at ${shares.map((share) => percent(share)).join(', ')} of the traffic.${reason === '' ? '' : `\nIts reason: ${reason}.`}`;
