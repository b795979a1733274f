/** @file All commands of `plaudit`. A new one is a file in commands/ and a line here. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { auditExport } from './commands/audit-export.ts';
import { auditVerify } from './commands/audit-verify.ts';
import { dataAnnotators } from './commands/data-annotators.ts';
import { dataCheck } from './commands/data-check.ts';
import { dataDiff } from './commands/data-diff.ts';
import { dataErase } from './commands/data-erase.ts';
import { dataExport } from './commands/data-export.ts';
import { dataImport } from './commands/data-import.ts';
import { dataLineage } from './commands/data-lineage.ts';
import { dataList } from './commands/data-list.ts';
import { dataPrivacyReport } from './commands/data-privacy-report.ts';
import { dataReveal } from './commands/data-reveal.ts';
import { dataScrub } from './commands/data-scrub.ts';
import { dataSelect } from './commands/data-select.ts';
import { dataSignals } from './commands/data-signals.ts';
import { dataSimulate } from './commands/data-simulate.ts';
import { dataSimulateSelection } from './commands/data-simulate-selection.ts';
import { dataSnapshot } from './commands/data-snapshot.ts';
import { dataSystems } from './commands/data-systems.ts';
import { modelAdd } from './commands/model-add.ts';
import { modelApprove } from './commands/model-approve.ts';
import { modelBundle } from './commands/model-bundle.ts';
import { modelEvaluate } from './commands/model-evaluate.ts';
import { modelExport } from './commands/model-export.ts';
import { modelList } from './commands/model-list.ts';
import { modelPromote } from './commands/model-promote.ts';
import { modelPull } from './commands/model-pull.ts';
import { modelRollback } from './commands/model-rollback.ts';
import { modelShow } from './commands/model-show.ts';
import { policyEvaluate } from './commands/policy-evaluate.ts';
import { policyGenerate } from './commands/policy-generate.ts';
import { policyTrain } from './commands/policy-train.ts';
import { quickstart } from './commands/quickstart.ts';
import { rewardBenchmark } from './commands/reward-benchmark.ts';
import { rewardBuild } from './commands/reward-build.ts';
import { rewardCalibrate } from './commands/reward-calibrate.ts';
import { rewardCompare } from './commands/reward-compare.ts';
import { rewardDistil } from './commands/reward-distil.ts';
import { rewardEvaluate } from './commands/reward-evaluate.ts';
import { rewardInspect } from './commands/reward-inspect.ts';
import { rewardJudge } from './commands/reward-judge.ts';
import { rewardScore } from './commands/reward-score.ts';
import { rewardTrain } from './commands/reward-train.ts';
import { start } from './commands/start.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** A command that only holds others; called alone it is a wrong call that shows what there is. */
const group = (name: string, description: string, commands: readonly Command[]): Command => {
  const made = new Command(name).description(description);
  for (const command of commands) made.addCommand(command);
  return made;
};

/** Errors are thrown, never printed: main.ts is the one place that does. */
const throwing = (command: Command): Command => {
  command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showHelpAfterError(false);
  for (const child of command.commands) throwing(child);
  return command;
};

export const program = (): Command =>
  throwing(
    group('plaudit', 'Turns human judgement into reward models that are validated before they are used.', [
      group('reward', 'Train and use reward models', [
        rewardTrain(),
        rewardBuild(),
        rewardDistil(),
        rewardCalibrate(),
        rewardEvaluate(),
        rewardScore(),
        rewardCompare(),
        rewardJudge(),
        rewardInspect(),
        rewardBenchmark(),
      ]),
      group('policy', 'Steer and use what writes', [policyTrain(), policyGenerate(), policyEvaluate()]),
      group('data', 'Judgements: files, and the store with its versions', [
        dataCheck(),
        dataAnnotators(),
        dataSystems(),
        dataSignals(),
        dataScrub(),
        dataPrivacyReport(),
        dataImport(),
        dataList(),
        dataSnapshot(),
        dataDiff(),
        dataExport(),
        dataLineage(),
        dataErase(),
        dataReveal(),
        dataSelect(),
        dataSimulate(),
        dataSimulateSelection(),
      ]),
      group('model', 'Versions of models, what serves, and checkpoints from and for elsewhere', [
        modelAdd(),
        modelList(),
        modelBundle(),
        modelEvaluate(),
        modelApprove(),
        modelPromote(),
        modelRollback(),
        modelShow(),
        modelPull(),
        modelExport(),
      ]),
      group('audit', 'The log of who changed what', [auditExport(), auditVerify()]),
      quickstart(),
      start(),
    ])
      .version(version)
      .addHelpText('after', '\nStart with: plaudit quickstart\n'),
  );
