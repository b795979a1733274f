/** @file Our runs and groups as MLflow's runs and experiments. */
import type { Run, RunGroup, Store } from '@plaudit/store';
import { toMetricValue } from '../runs/shapes.ts';
import type { RunStatus } from './protocol.ts';

/** The experiment of runs that are in no group. */
export const defaultExperiment = '0';
/** The tag in which the data sets of a run are kept. */
export const inputsTag = 'plaudit.mlflow.inputs';

export const statusOf: Readonly<Record<Run['state'], RunStatus>> = {
  waiting: 'SCHEDULED',
  running: 'RUNNING',
  finished: 'FINISHED',
  failed: 'FAILED',
  stopped: 'KILLED',
};

export const groupOf = (experiment: string): string | null =>
  experiment === defaultExperiment ? null : experiment;

const pairs = (record: Readonly<Record<string, string>>) =>
  Object.entries(record).map(([key, value]) => ({ key, value }));

export const experimentDocument = (group: RunGroup | null) => ({
  experiment_id: group?.id ?? defaultExperiment,
  name: group?.name ?? 'Default',
  artifact_location: `mlflow-artifacts:/${group?.id ?? defaultExperiment}`,
  lifecycle_stage: 'active',
  creation_time: group?.createdAt.getTime() ?? 0,
  last_update_time: group?.updatedAt.getTime() ?? 0,
  tags: pairs(group?.tags ?? {}),
});

/** Settings as MLflow's parameters: texts by path. */
export const paramsOf = (config: unknown, path: readonly string[] = []): [string, string][] =>
  config !== null && typeof config === 'object' && !Array.isArray(config)
    ? Object.entries(config).flatMap(([name, inner]) => paramsOf(inner, [...path, name]))
    : path.length === 0
      ? []
      : [[path.join('.'), typeof config === 'string' ? config : JSON.stringify(config)]];

export const infoDocument = (run: Run) => {
  const experiment = run.runGroup ?? defaultExperiment;
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: experiment,
    user_id: run.tags['mlflow.user'] ?? '',
    status: statusOf[run.state],
    start_time: (run.startedAt ?? run.createdAt).getTime(),
    ...(run.endedAt && { end_time: run.endedAt.getTime() }),
    artifact_uri: `mlflow-artifacts:/${experiment}/${run.id}/artifacts`,
    lifecycle_stage: run.deletedAt ? 'deleted' : 'active',
  };
};

type Latest = Awaited<ReturnType<Store['metrics']['latest']>>;

export const runDocument = (run: Run, latest: Latest) => {
  const { [inputsTag]: inputs, ...kept } = run.tags;
  return {
    info: infoDocument(run),
    data: {
      metrics: [...latest].map(([key, { value, at, step }]) => ({
        key,
        value: toMetricValue(value),
        timestamp: at.getTime(),
        step,
      })),
      params: paramsOf(run.config).map(([key, value]) => ({ key, value })),
      tags: pairs({ 'mlflow.runName': run.name, ...kept }),
    },
    inputs: { dataset_inputs: inputs === undefined ? [] : (JSON.parse(inputs) as unknown[]) },
    outputs: {},
  };
};
