/** @file Starting, stopping and resuming training runs over HTTP. */
import { plauditError } from '@plaudit/contract';
import { qualityReport } from '@plaudit/feedback';
import { requireGates } from '@plaudit/store';
import { z } from 'zod';
import { engineers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import type { Jobs } from './jobs.ts';
import { run } from './shapes.ts';
import { jobTag, trainingKind, trainingPlan } from './training-plan.ts';

const params = z.object({ run: z.string().max(64) });

export const jobRoutes = ({ jobs }: { readonly jobs: Pick<Jobs, 'enqueue'> }): readonly Route[] => [
  route({
    method: 'POST',
    url: '/v1/projects/:project/runs',
    access: engineers,
    tag: 'Runs',
    summary: 'Start a training on a snapshot. It runs apart from the server and goes on after a restart.',
    operation: 'startRun',
    body: trainingPlan,
    result: run,
    status: 202,
    async handler({ store, body: { name, kind, ...plan }, actor }) {
      const snapshot = await store.snapshots.find(plan.snapshot);
      const gates = qualityReport.safeParse(snapshot.gates);
      // Where nobody has asked yet, the run itself asks before it trains.
      if (gates.success) requireGates(gates.data, plan.snapshot, plan.despiteGates);
      const made = await store.runs.create({
        name,
        kind,
        config: { ...plan, snapshot: snapshot.id },
        tags: { [jobTag]: 'yes' },
        snapshots: [{ id: snapshot.id, purpose: 'train' }],
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
      if (found.kind === trainingKind && (found.state === 'stopped' || found.state === 'failed')) {
        if (!(await jobs.enqueue(store.project.name, id, true))) throw plauditError('run.busy');
        await store.audit.append({ actor: actor.id, action: 'run.resume', resource: `run:${id}` });
      }
      return found;
    },
  }),
];
