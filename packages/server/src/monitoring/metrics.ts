/** @file The metrics of reward models and policies for Prometheus, under the names that dashboards use. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const powersOfTwo = (count: number): number[] => Array.from({ length: count }, (_, i) => 2 ** i);

/**
 * Labels have few values: ids of projects, deployments, versions and codes; never a user or a prompt.
 *
 * @example const metrics = rewardMetrics(registry); metrics.items.inc({ project, deployment: 'live', status: 'ok' });
 */
export const rewardMetrics = (registry: Registry) => {
  const registers = [registry];
  const of = ['project', 'deployment', 'version'] as const;
  return {
    items: new Counter({
      ...{
        name: 'rm_items_total',
        help: 'Responses that were to be scored, by what became of them',
        registers,
      },
      labelNames: ['project', 'deployment', 'status'],
    }),
    requestSeconds: new Histogram({
      ...{ name: 'rm_request_duration_seconds', help: 'From a request to its answer', registers },
      ...{ labelNames: ['project', 'deployment'], buckets: seconds },
    }),
    queueSeconds: new Histogram({
      ...{ name: 'rm_queue_duration_seconds', help: 'Wait for a place in a batch', registers },
      ...{ labelNames: of, buckets: seconds },
    }),
    inferenceSeconds: new Histogram({
      ...{ name: 'rm_inference_duration_seconds', help: 'Time that a batch took', registers },
      ...{ labelNames: of, buckets: seconds },
    }),
    batchItems: new Histogram({
      ...{ name: 'rm_batch_items', help: 'Responses in a batch', registers },
      ...{ labelNames: of, buckets: powersOfTwo(10) },
    }),
    score: new Histogram({
      ...{ name: 'rm_score', help: 'Rewards in standard deviations of their model', registers },
      ...{ labelNames: of, buckets: [-4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4] },
    }),
    truncated: new Counter({
      ...{ name: 'rm_truncated_items_total', help: 'Responses that lost tokens to the limit', registers },
      labelNames: of,
    }),
    scorePsi: new Gauge({
      ...{
        name: 'rm_score_psi',
        help: 'Population stability index of rewards against the reference',
        registers,
      },
      labelNames: ['project', 'deployment'],
    }),
    lengthCorrelation: new Gauge({
      ...{
        name: 'rm_length_correlation',
        help: 'Correlation of reward and length within prompts',
        registers,
      },
      labelNames: ['project', 'deployment'],
    }),
    flipRatio: new Gauge({
      ...{ name: 'rm_pair_flip_ratio', help: 'Pairs that the shadow orders the other way', registers },
      labelNames: ['project', 'deployment'],
    }),
    incidents: new Counter({
      ...{
        name: 'safety_incidents_total',
        help: 'Responses that guardrails blocked or held for a person',
        registers,
      },
      labelNames: ['project', 'deployment', 'severity'],
    }),
    info: new Gauge({
      ...{ name: 'rm_model_info', help: '1 for each version that serves', registers },
      labelNames: [...of, 'bundle', 'arm'],
    }),
  };
};
export type RewardMetrics = ReturnType<typeof rewardMetrics>;
