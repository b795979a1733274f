/** @file What users did about what they were shown, made into judgements by declared rules: each of them once. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comparison, Judgement } from '@plaudit/contract';
import {
  calibrateSignals,
  defaultSignalRules,
  judgementsFromSignals,
  type RuleCalibration,
  type SignalJudgements,
} from '@plaudit/feedback';
import { attachFolder, type Store } from '@plaudit/store';
import { implicitOf } from '../plans/feedback-judgements.ts';
import type { RunConfig } from '../training-plan.ts';
import type { RunContext } from './context.ts';
import { settledSignals } from './signal-log.ts';

const source = 'signals';

export const makeJudgements = async (
  context: RunContext,
  plan: RunConfig<'feedback.judgements'>,
): Promise<void> => {
  const { store, artifacts, run, running, signal, log } = context;
  const before = new Date(Date.now() - plan.settledMinutes * 60_000);
  const read = await settledSignals(store, before, {
    signal,
    onImpressions: (step) => log.report({ phase: 'read', step, totalSteps: step }),
  });
  log.report({ phase: 'judge', step: 0, totalSteps: 1 });
  const rules = plan.rules ?? { ...defaultSignalRules, rules: implicitOf(defaultSignalRules.rules) };
  const stated = judgementsFromSignals(read.log, { rules, source });
  const calibration =
    plan.calibrateWith === undefined
      ? null
      : calibrateSignals(stated.judgements, await comparisonsOf(store, plan.calibrateWith, signal));
  const made = calibration ? judgementsFromSignals(read.log, { rules, source, calibration }) : stated;

  const probabilities = new Map(read.log.impressions.map(({ id, probability }) => [id, probability]));
  const judgements = made.judgements.map(({ judgement, impression }) =>
    asOnRecord(judgement, probabilities.get(impression)),
  );
  const { id, added, known, erased } = await store.judgements.import([{ judgements }], {
    ...{ dataset: plan.dataset, source, signal },
  });
  await store.audit.append({
    ...{ actor: `run:${run}`, action: 'data.import', resource: `import:${id}` },
    details: { added, known },
  });
  log.log(numbersOf(made, calibration, { added, known, erased, unsettled: read.unsettled }));

  const { judgements: _, ...report } = made;
  const out = join(running, 'out');
  await mkdir(out, { recursive: true, mode: 0o700 });
  const document = { ...report, unsettled: read.unsettled, added, known, erased, calibration };
  await writeFile(join(out, 'signals.json'), `${JSON.stringify(document, null, 2)}\n`);
  await attachFolder(store, artifacts, run, out);
};

/**
 * The judgement as the same signals give it at any time, so that it has one id and is in a data set once: with the
 * probability that serving drew it with. How often such signals are given is an estimate, which moves with every new
 * impression; it makes the weights, which the run reports.
 */
const asOnRecord = (judgement: Judgement, probability: number | undefined): Judgement => {
  const { selectionProbability: _, ...provenance } = judgement.provenance;
  return {
    ...judgement,
    provenance: {
      ...provenance,
      ...(probability !== undefined && { selectionProbability: probability }),
    },
  };
};

const comparisonsOf = async (store: Store, dataset: string, signal: AbortSignal): Promise<Comparison[]> => {
  const found: Comparison[] = [];
  for await (const judgement of store.judgements.rows(dataset)) {
    signal.throwIfAborted();
    // Judgements that signals made measure nothing beside themselves.
    if (judgement.kind === 'comparison' && judgement.provenance.annotatorKind !== 'implicit')
      found.push(judgement);
  }
  return found;
};

const numbersOf = (
  { impressions, silent, capped, judgements, rules }: SignalJudgements,
  calibration: readonly RuleCalibration[] | null,
  counts: Readonly<Record<'added' | 'known' | 'erased' | 'unsettled', number>>,
) => {
  const { unsettled, ...ofImport } = counts;
  const weights = judgements.reduce((sum, { weight }) => sum + weight, 0);
  const named: Record<string, number> = {
    ...{ 'signals/impressions': impressions, 'signals/silent': silent, 'signals/unsettled': unsettled },
    ...{ 'judgements/made': judgements.length, 'judgements/capped': capped },
    ...Object.fromEntries(Object.entries(ofImport).map(([name, count]) => [`judgements/${name}`, count])),
    ...(judgements.length > 0 && { 'judgements/mean_weight': weights / judgements.length }),
    ...Object.fromEntries(
      rules.flatMap(({ rule, judgements: count, weight }) => [
        [`rules/${rule}/judgements`, count],
        [`rules/${rule}/weight`, weight],
      ]),
    ),
    ...Object.fromEntries(
      (calibration ?? []).map(({ rule, agreement }) => [`rules/${rule}/agreement`, agreement]),
    ),
  };
  return Object.entries(named).map(([name, value]) => ({ name, step: 0, value }));
};
