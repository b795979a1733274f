/** @file Labelling a task: one item after the other, whatever its kind. */
import { Button, Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { ApiError } from '@plaudit/sdk';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useAsk } from '../api.ts';
import { mayReview, useProject, useRole } from '../shell/session.ts';
import { Answered, Empty, Failed, Loading } from '../shell/states.tsx';
import type { Task } from './frame.tsx';
import { kindOf } from './kinds.ts';
import { useLabellingSession } from './session.ts';

export const SessionPage = () => {
  const project = useProject();
  const { task } = useParams({ strict: false }) as { task: string };
  const found = useAsk('getLabellingTask', { params: { project, task } });
  return (
    <Answered of={found} what="the task">
      {(answer) => <Work key={answer.id} task={answer} />}
    </Answered>
  );
};

const Work = ({ task }: { readonly task: Task }) => {
  const project = useProject();
  const role = useRole();
  const session = useLabellingSession(project, task.id);
  const { data: progress = task.progress, refetch } = useAsk(
    'getLabellingProgress',
    { params: { project, task: task.id } },
    { every: 30_000, enabled: task.annotator.pausedAt === null },
  );
  const { item, error, done } = session;
  useEffect(() => {
    document.title = `${task.name} · Plaudit`;
  }, [task.name]);
  useEffect(() => {
    if (item === null || (done > 0 && done % 5 === 0)) void refetch();
  }, [done, item, refetch]);
  const Kind = kindOf(task);
  const isFatal = error !== undefined && !(error instanceof ApiError && error.isPassing);
  return (
    <Stack gap="md">
      <VisuallyHidden role="status" aria-live="polite">
        {item ? `Item ${done + 1} is shown.` : ''}
      </VisuallyHidden>
      {error !== undefined && <Failed error={error} again={session.retry} />}
      {item ? (
        <Kind key={item.assignment} task={task} item={item} session={session} progress={progress} />
      ) : item === null && !isFatal ? (
        <Empty title={done > 0 ? 'That was the last one. Thank you!' : 'Nothing to judge here right now'}>
          <Text>
            {task.state === 'closed'
              ? 'This task is closed.'
              : `${progress.judged} of ${progress.wanted} judgements are made, ${progress.mine} of them by you.`}
          </Text>
          <Group mt="md" gap="sm">
            <Button variant="default" onClick={session.undo} disabled={!session.canUndo}>
              Undo the last one
            </Button>
            <Button renderRoot={(props) => <Link {...props} to="/p/$project/label" params={{ project }} />}>
              All tasks
            </Button>
            {mayReview(role) && (
              <Button
                variant="default"
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/p/$project/label/$task/disputes"
                    params={{ project, task: task.id }}
                  />
                )}
              >
                Review disagreements
              </Button>
            )}
          </Group>
        </Empty>
      ) : (
        error === undefined && <Loading what="the next item" />
      )}
    </Stack>
  );
};
