/** @file A policy trained on a snapshot: its curves, the model with its files and samples, and how far its reward held. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  fitEvaluations,
  heldOutFile,
  isOnline,
  type PolicyDocument,
  type PolicyRecord,
  type PolicySettings,
  policyRecord,
  trainPolicy,
} from '@plaudit/policy';
import type { RunConfig } from '../training-plan.ts';
import { finishedDocument, located, type RunContext, registerModel, snapshotRows } from './context.ts';
import { heldOutPoints, policyCurves } from './policy-curves.ts';
import { samplesFile, writeSamples } from './policy-samples.ts';

type Plan = RunConfig<'policy.train'>;

/** The plan's references as the trainer takes them. */
interface References {
  readonly policy: string;
  readonly reward: string | null;
  readonly gold: string | null;
}

export const trainPolicyRun = async (context: RunContext, plan: Plan): Promise<void> => {
  const { out, signal, log } = context;
  const { rows, from } = await snapshotRows(context, plan);
  const at = async (reference: string | undefined): Promise<string | null> =>
    reference === undefined ? null : located(context, reference);
  const references: References = {
    policy: await located(context, plan.policy),
    reward: await at(plan.reward),
    gold: await at(plan.gold),
  };
  const document =
    (await finishedDocument<PolicyDocument>(context)) ?? (await train(context, plan, references, rows));
  const { start } = document;
  if (start) log.log(heldOutPoints(0, start));
  if (!(await isThere(join(out, samplesFile)))) await sample(context, plan, references, document);
  signal.throwIfAborted();
  await registerModel(context, 'policy', {
    ...{ folder: out, kind: 'policy', method: plan.method, ...from },
    ...{ policy: plan.policy, reward: plan.reward ?? null, gold: plan.gold ?? null },
    ...summaryOf(document),
    overOptimisation: fitEvaluations(evaluationsOf(document, await recordsOf(out))),
  });
};

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const train = async (
  context: RunContext,
  { method, seed, settings }: Plan,
  { policy, reward, gold }: References,
  rows: string,
): Promise<PolicyDocument> => {
  const { store, run, out, signal, log } = context;
  await mkdir(dirname(out), { recursive: true });
  const latest = await store.metrics.latest(run);
  const curves = policyCurves({
    updates: latest.get('train/loss')?.step ?? 0,
    evaluations: (latest.get('heldOut/kl') ?? latest.get('validation/loss'))?.step ?? 0,
  });
  let first = true;
  return trainPolicy({
    ...{ method, policy, out, seed, settings: settings as PolicySettings, signal },
    // Methods that sample read the rows for their prompts.
    ...(isOnline(method) ? { prompts: [rows] } : { data: [rows], format: 'plaudit' }),
    ...(reward !== null && { reward }),
    ...(gold !== null && { gold }),
    resume: 'where-possible',
    overwrite: true,
    onProgress: ({ phase, step, totalSteps }) => log.report({ phase, step, totalSteps }),
    onRecord: (record, records) => {
      // An attempt that was killed may have left a checkpoint with updates that it had no time to write.
      log.log((first ? records : [record]).flatMap(curves));
      first = false;
    },
  });
};

const sample = (
  { running, out, signal, log }: RunContext,
  { policy, seed }: Plan,
  references: References,
  { configuration: { online } }: PolicyDocument,
): Promise<void> =>
  writeSamples(running, {
    after: out,
    before: policy === 'new' ? null : references.policy,
    heldOut: join(out, heldOutFile),
    reward: references.reward,
    gold: references.gold,
    ...(online && { maxNewTokens: online.maxNewTokens }),
    temperature: online?.temperature ?? 1,
    ...{ seed, signal },
    onProgress: log.report,
  });

/** What of a run's document its model's card says; the whole document is report.json of its files. */
const summaryOf = ({
  data: { train, heldOut },
  ...document
}: PolicyDocument): Readonly<Record<string, unknown>> => {
  const { updates, keptStep, stopped, start, kept, drift, warnings, seconds, createdBy } = document;
  return {
    data: { train, heldOut },
    ...{ updates, keptStep, stopped, start, kept, drift, warnings, seconds, createdBy },
  };
};

const recordsOf = async (out: string): Promise<readonly PolicyRecord[]> =>
  (await readFile(join(out, 'training.jsonl'), 'utf8'))
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [policyRecord.parse(JSON.parse(line))]));

const evaluationsOf = ({ start }: PolicyDocument, records: readonly PolicyRecord[]) =>
  [{ step: 0, heldOut: start ?? undefined }, ...records].flatMap(({ step, heldOut }) =>
    heldOut === undefined
      ? []
      : [
          {
            ...{ step, kl: heldOut.kl, proxy: heldOut.reward },
            gold: heldOut.gold ?? null,
            goldError: heldOut.goldError ?? null,
          },
        ],
  );
