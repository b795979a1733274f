/** @file Starting, stopping and resuming runs over HTTP. */
import { plauditError } from '@plaudit/contract';
import { qualityReport } from '@plaudit/feedback';
import { requireGates } from '@plaudit/store';
import { z } from 'zod';
import { engineers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import type { Jobs } from './jobs.ts';
import { run } from './shapes.ts';
import { isJobKind, jobTag, planRun, runPlan } from './training-plan.ts';

const params = z.object({ run: z.string().max(64) });

export const jobRoutes = ({ jobs }: { readonly jobs: Pick<Jobs, 'enqueue'> }): readonly Route[] => [
  route({
    method: 'POST',
    url: '/v1/projects/:project/runs',
    access: engineers,
    tag: 'Runs',
    summary:
      'Start a training, a distillation, or the making of judgements from signals. It runs apart from the server and goes on after a restart.',
    operation: 'startRun',
    body: runPlan,
    result: run,
    status: 202,
    async handler({ store, body: plan, actor }) {
      const planned = await planRun(store, plan);
      if (plan.kind !== 'feedback.judgements') {
        const { gates } = await store.snapshots.find(plan.snapshot);
        const report = qualityReport.safeParse(gates);
        // Where nobody has asked yet, the run itself asks before it trains.
        if (report.success) requireGates(report.data, plan.snapshot, plan.despiteGates);
      }
      const made = await store.runs.create({
        name: plan.name,
        kind: plan.kind,
        tags: { [jobTag]: 'yes' },
        ...planned,
      });
      await store.audit.append({ actor: actor.id, action: 'run.create', resource: `run:${made.id}` });
      await jobs.enqueue(store.project.name, made.id);
      return made;
    },
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/runs/:run/cancellation',
    access: engineers,
    tag: 'Runs',
    summary: 'Stop a run. What it has learned stays in its checkpoints, if it has any.',
    operation: 'cancelRun',
    params,
    result: run,
    async handler({ store, params: { run: id }, actor }) {
      await store.runs.end(id, { state: 'stopped' });
      await store.audit.append({ actor: actor.id, action: 'run.cancel', resource: `run:${id}` });
      return store.runs.get(id);
    },
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/runs/:run/resumption',
    access: engineers,
    tag: 'Runs',
    summary: 'Take up a run that was stopped or failed, from its checkpoints where it has any.',
    operation: 'resumeRun',
    params,
    result: run,
    status: 202,
    async handler({ store, params: { run: id }, actor }) {
      const found = await store.runs.get(id);
      if (isJobKind(found.kind) && (found.state === 'stopped' || found.state === 'failed')) {
        if (!(await jobs.enqueue(store.project.name, id, true))) throw plauditError('run.busy');
        await store.audit.append({ actor: actor.id, action: 'run.resume', resource: `run:${id}` });
      }
      return found;
    },
  }),
];
