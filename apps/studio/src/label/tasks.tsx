/** @file The tasks that are given to the person, with how far they are. */
import {
  Badge,
  Button,
  Card,
  Group,
  Progress,
  SimpleGrid,
  Stack,
  Text,
  Title,
  VisuallyHidden,
} from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { Link } from '@tanstack/react-router';
import { useAsk, useDo } from '../api.ts';
import { mayManage, mayRead, mayReview, useProject, useRole } from '../shell/session.ts';
import { Answered, Empty, Page } from '../shell/states.tsx';
import { hasModel } from './live.tsx';

type Task = Result<'listLabellingTasks'>['tasks'][number];

export const kindNames: Readonly<Record<Task['kind'], string>> = {
  pairwise: 'Which of two is better',
  ranking: 'Several in order',
  rating: 'Rating by rubric',
  edit: 'Rewriting',
  steps: 'Step by step',
};

export const Tasks = () => {
  const project = useProject();
  const role = useRole();
  const tasks = useAsk('listLabellingTasks', { params: { project } });
  const make = mayManage(role) && (
    <Button renderRoot={(props) => <Link {...props} to="/p/$project/label/new" params={{ project }} />}>
      New task
    </Button>
  );
  return (
    <Page
      title="Label"
      about="Judge responses. You see neither what others said nor why an item was chosen."
      actions={make}
    >
      <Answered of={tasks} what="labelling tasks">
        {({ tasks: all }) =>
          all.length === 0 ? (
            <Empty title="No labelling task yet">
              {mayManage(role)
                ? 'Make one from prompts with responses, or from a snapshot. Annotators see it as soon as it is made.'
                : 'Nothing is given to you at the moment. You are told here when there is.'}
            </Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {all.map((task) => (
                <TaskCard key={task.id} task={task} />
              ))}
            </SimpleGrid>
          )
        }
      </Answered>
    </Page>
  );
};

const TaskCard = ({ task }: { readonly task: Task }) => {
  const project = useProject();
  const role = useRole();
  const setState = useDo('setLabellingTaskState');
  const { judged, wanted, mine } = task.progress;
  const params = { project, task: task.id };
  return (
    <Card withBorder padding="md">
      <Stack gap="xs" h="100%" justify="space-between">
        <div>
          <Group justify="space-between" wrap="nowrap">
            <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
              {task.name}
            </Title>
            {task.state === 'closed' && (
              <Badge variant="outline" color="gray" c="var(--mantine-color-text)">
                closed
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {kindNames[task.kind]}
            {task.asks === 'criteria' ? ' on each criterion' : ''}, by{' '}
            {task.redundancy === 1 ? 'one person' : `${task.redundancy} people`} each
          </Text>
        </div>
        <div>
          <Progress
            value={wanted === 0 ? 0 : (100 * judged) / wanted}
            aria-label={`Progress of ${task.name}`}
            mb={4}
          />
          <Text size="sm" c="dimmed">
            {judged} of {wanted} judgements, {mine} by you
          </Text>
        </div>
        <Group gap="xs">
          <Button
            size="sm"
            renderRoot={(props) => <Link {...props} to="/p/$project/label/$task" params={params} />}
          >
            {mine > 0 ? 'Go on' : 'Start'}
            <VisuallyHidden>&nbsp;with {task.name}</VisuallyHidden>
          </Button>
          {mayReview(role) && (
            <Button
              size="sm"
              variant="default"
              renderRoot={(props) => (
                <Link {...props} to="/p/$project/label/$task/disputes" params={params} />
              )}
            >
              Review
              <VisuallyHidden>&nbsp;{task.name}</VisuallyHidden>
            </Button>
          )}
          {mayRead(role) && hasModel(task.kind) && (
            <Button
              size="sm"
              variant="default"
              renderRoot={(props) => <Link {...props} to="/p/$project/label/$task/live" params={params} />}
            >
              Live model
              <VisuallyHidden>&nbsp;of {task.name}</VisuallyHidden>
            </Button>
          )}
          {mayManage(role) && (
            <Button
              size="sm"
              variant="default"
              loading={setState.isPending}
              onClick={() =>
                setState.mutate({ params, body: { state: task.state === 'open' ? 'closed' : 'open' } })
              }
            >
              {task.state === 'open' ? 'Close' : 'Open again'}
              <VisuallyHidden>&nbsp;{task.name}</VisuallyHidden>
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  );
};
