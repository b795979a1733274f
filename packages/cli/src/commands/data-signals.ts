/** @file `plaudit data signals`: what users did, made into judgements by declared rules, weighted and calibrated. */
import type { Comparison } from '@plaudit/contract';
import { plauditError } from '@plaudit/contract';
import type { RuleCalibration, RuleReport, SignalJudgements } from '@plaudit/feedback';
import { Command } from 'commander';
import { withPresentation } from '../options.ts';
import { refuseToReplace } from '../output/files.ts';
import { aligned, between, count, percent, plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly rules?: string;
  readonly explicit?: string[];
  readonly out?: string;
  readonly source?: string;
  readonly weights?: string;
  readonly rejects?: string;
  readonly printRules?: boolean;
  readonly overwrite?: boolean;
}

export const dataSignals = (): Command =>
  withPresentation(
    new Command('signals')
      .description(
        'Make judgements of what users did: thumbs, copies, edits, regenerations, complaints, tasks, tests',
      )
      .argument('[log...]', 'rows of type impression and event; files, folders of them or patterns')
      .option('--out <file>', 'where the judgements go, as JSONL; also with .gz or .zst')
      .option('--rules <file>', 'declared rules; without it those that --print-rules shows')
      .option(
        '--explicit <file...>',
        'comparisons of people who were asked: what each rule is calibrated with',
      )
      .option('--source <name>', 'the name of the log in the judgements', 'signals')
      .option('--weights <file>', 'write the weight of each judgement too, a line for a line')
      .option('--rejects <file>', 'write what was set aside as JSONL')
      .option('--print-rules', 'print the default rules, to be changed and given with --rules')
      .option('--overwrite', 'replace the files if they are there'),
    `plaudit data signals --print-rules > rules.json
plaudit data signals log.jsonl --rules rules.json --explicit comparisons.jsonl --out judgements.jsonl`,
  ).action((logs: string[], options: Options) =>
    present(options, async ({ signal }) => {
      const feedback = await import('@plaudit/feedback');
      if (options.printRules) {
        const rules = feedback.defaultSignalRules;
        return { document: rules, text: `${JSON.stringify(rules, null, 2)}\n` };
      }
      const { out, weights, overwrite, source = 'signals' } = options;
      if (logs.length === 0 || out === undefined)
        throw plauditError('cli.usage', {
          problem: 'Give the files of the log and --out, or --print-rules alone.',
        });
      await refuseToReplace(out, overwrite);
      if (weights !== undefined) await refuseToReplace(weights, overwrite);
      const rules =
        options.rules === undefined
          ? feedback.defaultSignalRules
          : await feedback.readSignalRules(options.rules);
      const explicit = options.explicit && (await comparisonsOf(options.explicit, signal));
      const log = await feedback.readSignalLog(logs, signal);
      if (log.impressions.length === 0) throw nothingShown(logs, log.rows);
      const stated = feedback.judgementsFromSignals(log, { rules, source });
      const calibration = explicit && feedback.calibrateSignals(stated.judgements, explicit);
      const made = calibration ? feedback.judgementsFromSignals(log, { rules, source, calibration }) : stated;
      await feedback.writeJudgements(
        out,
        made.judgements.map(({ judgement }) => judgement),
      );
      if (options.rejects !== undefined) await feedback.writeRejects(options.rejects, log.rejects);
      if (weights !== undefined) await writeWeights(weights, made);
      const { judgements, ...report } = made;
      const document = {
        out,
        rows: log.rows,
        rejected: log.rejects.length,
        judgements: judgements.length,
        meanWeight: meanWeight(made),
        ...report,
        ...(calibration && { calibration }),
      };
      return { document, text: signalsText(document, feedback.signalReasons) };
    }),
  );

const nothingShown = (logs: readonly string[], rows: number): Error =>
  plauditError('data.unknown_format', {
    path: logs.join(' '),
    fields: `those of ${count(rows)} rows, none of which is an impression`,
    formats: 'a log of signals (rows with type: impression or event)',
  });

const comparisonsOf = async (files: readonly string[], signal: AbortSignal): Promise<Comparison[]> => {
  const { readJudgements } = await import('@plaudit/feedback');
  const { judgements } = await readJudgements(files, { signal });
  return judgements.filter((one) => one.kind === 'comparison');
};

const writeWeights = async (path: string, { judgements }: SignalJudgements): Promise<void> => {
  const { writeFile } = await import('node:fs/promises');
  const { writing } = await import('../output/errors.ts');
  const lines = judgements.map(
    ({ rule, impression, weight }) => `${JSON.stringify({ rule, impression, weight })}\n`,
  );
  await writing(path, () => writeFile(path, lines.join('')));
};

const meanWeight = ({ judgements }: SignalJudgements): number | null =>
  judgements.length === 0
    ? null
    : judgements.reduce((sum, { weight }) => sum + weight, 0) / judgements.length;

interface SignalsDocument extends Omit<SignalJudgements, 'judgements'> {
  readonly out: string;
  readonly rejected: number;
  readonly judgements: number;
  readonly meanWeight: number | null;
  readonly calibration?: readonly RuleCalibration[];
}

const signalsText = (
  document: SignalsDocument,
  reasons: typeof import('@plaudit/feedback').signalReasons,
): string => {
  const {
    out,
    impressions,
    silent,
    capped,
    rejected,
    judgements,
    rules,
    calibration,
    meanWeight: mean,
  } = document;
  const rows: [string, string][] = [
    ['impressions', `${count(impressions)}, ${count(silent)} of them silent: nothing is made of these`],
    ['judgements', count(judgements)],
  ];
  if (rejected > 0) rows.push(['set aside', plural(rejected, 'row')]);
  if (capped > 0) rows.push(['capped', `${plural(capped, 'judgement')} of users who gave many in a day`]);
  const weight = mean === null ? '' : ` --weight implicit=${Number(mean.toPrecision(2))}`;
  return `${aligned(rows)}Rules:
${aligned(rules.flatMap((rule) => ruleRows(rule, reasons)))}${calibration ? calibrationText(calibration, rules) : ''}Written to ${out}.
${judgements === 0 ? '' : `Next: plaudit reward train --data ${shellWord(out)} COMPARISONS --out my-model${weight}\n`}`;
};

const ruleRows = (
  { rule, events, judgements, leftOut, weight, weightSource, strata }: RuleReport,
  reasons: typeof import('@plaudit/feedback').signalReasons,
): [string, string][] => {
  if (events === 0) return [[rule, 'no event']];
  const shown = strata.reduce((sum, { impressions }) => sum + impressions, 0);
  const signalled = strata.reduce((sum, one) => sum + one.signalled, 0);
  return [
    [
      rule,
      `${plural(judgements, 'judgement')} of ${plural(events, 'event')}, weight ${weight.toFixed(2)} (${weightSource}), given in ${percent(signalled / Math.max(1, shown))} of ${plural(shown, 'impression')}`,
    ],
    ...Object.entries(leftOut).map(([reason, times]): [string, string] => [
      '',
      `${count(times)} left out: ${reasons[reason as keyof typeof reasons]}`,
    ]),
  ];
};

const calibrationText = (calibration: readonly RuleCalibration[], rules: readonly RuleReport[]): string =>
  `Agreement with people who were asked:
${aligned(
  calibration.map(({ rule, pairs, agreement, interval, weight }) => {
    const used = rules.some((one) => one.rule === rule && one.weightSource === 'calibrated');
    return [
      rule,
      pairs === 0
        ? 'no pair that both judged'
        : `${percent(agreement)}  (${between(interval)}, ${plural(pairs, 'pair')}): weight ${weight.toFixed(2)}${used ? '' : ', not used: too few pairs, or the rule states its own'}`,
    ];
  }),
)}`;
