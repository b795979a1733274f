/** @file What every kind of labelling has around its answer: the prompt, the rubric, progress, undo, skip and the keys. */
import {
  Box,
  Button,
  Collapse,
  Grid,
  Group,
  Paper,
  Progress,
  Stack,
  Text,
  Title,
  Tooltip,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure, useLocalStorage, useMediaQuery } from '@mantine/hooks';
import type { Result } from '@plaudit/sdk';
import { type ReactNode, useEffect, useRef } from 'react';
import { Conversation } from '../text/text.tsx';
import { type KeyAction, KeyList, KeyName, useKeys } from './keys.tsx';
import { hasModel, LiveLine, percent } from './live.tsx';
import { RubricPanel } from './rubric.tsx';
import type { Item, Session } from './session.ts';

export type Task = Result<'getLabellingTask'>;
type TaskProgress = Task['progress'];

export interface KindProps {
  readonly task: Task;
  readonly item: Item;
  readonly session: Session;
  readonly progress: TaskProgress;
}

/** A button with its key on it. */
export const KeyButton = ({
  action,
  selected,
  main,
  short,
}: {
  readonly action: KeyAction;
  /** What is shown where the place says the rest; it is a part of the label. */
  readonly short?: string;
  readonly selected?: boolean;
  readonly main?: boolean;
}) => (
  <Button
    variant={main || selected ? 'filled' : 'default'}
    size="sm"
    disabled={action.disabled ?? false}
    onClick={action.act}
    rightSection={action.keys[0] && <KeyName of={action.keys[0]} />}
    {...(selected !== undefined && { 'aria-pressed': selected })}
  >
    {short === undefined ? (
      action.label
    ) : (
      <>
        <VisuallyHidden>{action.label.split(short)[0]}</VisuallyHidden>
        {short}
        <VisuallyHidden>{action.label.split(short)[1]}</VisuallyHidden>
      </>
    )}
  </Button>
);

const ProgressLine = ({
  task,
  progress,
  done,
}: {
  readonly task: Task;
  readonly progress: TaskProgress;
  readonly done: number;
}) => {
  const { judged, wanted, mine, agreement } = progress;
  const share = wanted === 0 ? 0 : judged / wanted;
  return (
    <Group gap="md" wrap="wrap">
      <Group gap={8} wrap="nowrap">
        <Progress value={100 * share} w={120} aria-label="Progress of the task" />
        <Text size="sm" c="dimmed">
          {judged} of {wanted}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        {Math.max(mine, done)} by you
      </Text>
      <Tooltip
        multiline
        w={260}
        label={
          agreement.interval
            ? `On ${agreement.items} items that others have judged too; between ${percent(agreement.interval[0])} and ${percent(agreement.interval[1])} with 95 % confidence. People often differ for good reasons.`
            : 'Shown once five of your items have been judged by others too.'
        }
      >
        <Text size="sm" c="dimmed" tabIndex={0}>
          {agreement.share === undefined
            ? 'Agreement: not yet'
            : `You agree with others on ${percent(agreement.share)}`}
        </Text>
      </Tooltip>
      {hasModel(task.kind) && <LiveLine task={task.id} />}
    </Group>
  );
};

export const Frame = ({
  task,
  item,
  session,
  progress,
  actions,
  children,
}: KindProps & { readonly actions: readonly KeyAction[]; readonly children: ReactNode }) => {
  const [listOpen, list] = useDisclosure();
  const isWide = useMediaQuery('(min-width: 62em)', true);
  const [rubricWanted, setRubricWanted] = useLocalStorage({ key: 'plaudit.rubric', defaultValue: true });
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    top.current?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }, []);
  const undo: KeyAction = { keys: ['u'], label: 'Undo', act: session.undo, disabled: !session.canUndo };
  const skip: KeyAction = { keys: ['s'], label: 'Skip', act: session.skip };
  const rubric: KeyAction = {
    keys: ['r'],
    label: rubricWanted ? 'Hide rubric' : 'Show rubric',
    act: () => setRubricWanted(!rubricWanted),
  };
  const help: KeyAction = { keys: ['?'], label: 'Keys', act: list.open };
  const all = [...actions, undo, skip, ...(task.rubric ? [rubric] : []), help];
  useKeys(all);
  const panel = task.rubric && <RubricPanel rubric={task.rubric} />;
  return (
    <Stack gap="md">
      <Group justify="space-between" align="start" gap="sm">
        <div style={{ flex: '1 1 280px' }}>
          <Title order={1} size="h4">
            {task.name}
          </Title>
          <ProgressLine task={task} progress={progress} done={session.done} />
        </div>
        <Group gap="xs">
          {[undo, skip, ...(task.rubric ? [rubric] : []), help].map((action) => (
            <KeyButton key={action.keys[0]} action={action} />
          ))}
        </Group>
      </Group>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: panel && rubricWanted ? 8.5 : 12 }}>
          <Stack gap="md">
            <Paper
              withBorder
              p="md"
              radius="md"
              ref={top}
              tabIndex={-1}
              component="section"
              aria-label="Prompt"
              style={{ outline: 'none' }}
            >
              <Box
                mah="32vh"
                style={{ overflow: 'auto' }}
                tabIndex={0}
                role="group"
                aria-label="Text of the prompt"
              >
                <Conversation messages={item.prompt} language={item.language} />
              </Box>
            </Paper>
            {children}
          </Stack>
        </Grid.Col>
        {panel && isWide && rubricWanted && <Grid.Col span={3.5}>{panel}</Grid.Col>}
        {panel && !isWide && (
          <Grid.Col span={12}>
            <Collapse expanded={rubricWanted}>{panel}</Collapse>
          </Grid.Col>
        )}
      </Grid>
      <KeyList actions={all} opened={listOpen} onClose={list.close} />
    </Stack>
  );
};
