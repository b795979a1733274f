/** @file Adjudication: items on which annotators differ, what they said, and the reviewer's verdict. */
import { Button, Group, Paper, SimpleGrid, Stack, Table, Text, Textarea, Title } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { useProject } from '../shell/session.ts';
import { Answered, Empty, Failed, Page } from '../shell/states.tsx';
import { Conversation, Markdown } from '../text/text.tsx';
import type { Task } from './frame.tsx';
import { kindOf } from './kinds.ts';
import type { Answer } from './outbox.ts';
import { letterOf } from './response.tsx';
import type { Item } from './session.ts';

type Dispute = Result<'listLabellingDisputes'>['disputes'][number];
type Said = Dispute['votes'][number]['judgements'][number];

const outcomeWords = ({ outcome, strength }: Extract<Said, { kind: 'comparison' }>): string => {
  if (outcome === 'tie') return 'equally good';
  if (outcome === 'both_bad') return 'both bad';
  return [outcome.toUpperCase(), ...(strength ? [strength] : []), 'better'].join(' ');
};

const sideOf = ({ outcome, strength }: Extract<Said, { kind: 'comparison' }>) => {
  const sides = { a: 'first', b: 'second', tie: 'tie', both_bad: 'both_bad' } as const;
  return { outcome: sides[outcome], ...(strength && { strength }) };
};

/** What a judgement says, in a few words; the responses are lettered as they are shown. */
const words = (said: Said): string => {
  switch (said.kind) {
    case 'comparison':
      return (said.criterion === undefined ? '' : `${said.criterion}: `) + outcomeWords(said);
    case 'ranking':
      return said.groups.map((group) => group.map(letterOf).join(' = ')).join(' > ');
    case 'rating':
      return `${said.criterion ?? 'value'}: ${said.value}`;
    case 'label':
      return said.desirable ? 'desirable' : 'not desirable';
    case 'edit':
      return said.rewrite;
    case 'steps':
      return said.labels.map((label) => (label === null ? '·' : label ? '✓' : '✗')).join(' ');
  }
};

/** The answer that says the same as a judgement, for taking an annotator's side. */
const answerOf = (judgements: readonly Said[]): Answer | undefined => {
  const [first] = judgements;
  switch (first?.kind) {
    case 'comparison':
      if (first.criterion === undefined) return { kind: 'pairwise', ...sideOf(first) };
      return {
        kind: 'criteria',
        comparisons: Object.fromEntries(
          judgements.flatMap((one) =>
            one.kind === 'comparison' ? [[one.criterion ?? '', sideOf(one)]] : [],
          ),
        ),
      };
    case 'ranking':
      return { kind: 'ranking', groups: first.groups };
    case 'rating':
      return {
        kind: 'rating',
        values: Object.fromEntries(
          judgements.flatMap((one) => (one.kind === 'rating' ? [[one.criterion ?? '', one.value]] : [])),
        ),
      };
    case 'edit':
      return { kind: 'edit', rewrite: first.rewrite };
    case 'steps':
      return { kind: 'steps', labels: first.labels };
    default:
      return undefined;
  }
};

export const Disputes = () => {
  const project = useProject();
  const { task } = useParams({ strict: false }) as { task: string };
  const found = useAsk('listLabellingDisputes', { params: { project, task }, query: { limit: 5 } });
  const asked = useAsk('getLabellingTask', { params: { project, task } });
  const decide = useDo('decideLabellingItem');
  const [reasons, setReasons] = useState<Readonly<Record<string, string>>>({});
  const [open, setOpen] = useState<Dispute | null>(null);
  const give = ({ item }: Dispute, answer: Answer): void =>
    decide.mutate(
      { params: { project, item }, body: { answer, reason: reasons[item] ?? '' } },
      { onSuccess: () => setOpen(null) },
    );
  if (open && asked.data)
    return (
      <Verdict
        task={asked.data}
        dispute={open}
        error={decide.error ?? undefined}
        give={(answer) => give(open, answer)}
        back={() => setOpen(null)}
      />
    );
  return (
    <Page
      title="Disagreements"
      about="Items that have all their judgements, which differ. Your verdict is a judgement of its own; theirs stay as they were given."
    >
      {decide.isError && <Failed error={decide.error} />}
      <Answered of={found} what="disagreements">
        {({ disputes }) =>
          disputes.length === 0 ? (
            <Empty title="Nothing to decide">
              Annotators agree on every item that has all its judgements.
            </Empty>
          ) : (
            <Stack gap="xl">
              {disputes.map((dispute) => (
                <Decision
                  key={dispute.item}
                  dispute={dispute}
                  isGiving={decide.isPending}
                  reason={reasons[dispute.item] ?? ''}
                  setReason={(reason) => setReasons({ ...reasons, [dispute.item]: reason })}
                  give={(answer) => give(dispute, answer)}
                  open={() => setOpen(dispute)}
                />
              ))}
            </Stack>
          )
        }
      </Answered>
    </Page>
  );
};

/** The item as annotators had it, for a verdict that is nobody's vote; skipping it goes back to the others. */
const Verdict = ({
  task,
  dispute: { item, prompt, responses, steps, language },
  error,
  give,
  back,
}: {
  readonly task: Task;
  readonly dispute: Dispute;
  readonly error: unknown;
  readonly give: (answer: Answer) => void;
  readonly back: () => void;
}) => {
  const Kind = kindOf(task);
  const shown: Item = {
    ...{ assignment: item, prompt, responses },
    ...(steps && { steps }),
    ...(language && { language }),
  };
  const nothing = (): void => {};
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text fw={600}>Your verdict on an item on which annotators differ</Text>
        <Button variant="default" size="sm" onClick={back}>
          Back to the disagreements
        </Button>
      </Group>
      {error !== undefined && <Failed error={error} />}
      <Kind
        task={task}
        item={shown}
        progress={task.progress}
        session={{
          ...{ item: shown, error, done: 0, canUndo: false, isUndoing: false },
          ...{ answer: give, skip: back, undo: nothing, retry: nothing },
        }}
      />
    </Stack>
  );
};

const Decision = ({
  dispute: { prompt, responses, votes, language },
  isGiving,
  reason,
  setReason,
  give,
  open,
}: {
  readonly dispute: Dispute;
  readonly isGiving: boolean;
  readonly reason: string;
  readonly setReason: (reason: string) => void;
  readonly give: (answer: Answer) => void;
  /** Shows the item with every answer that it can have. */
  readonly open: () => void;
}) => (
  <Paper withBorder p="md" radius="md" component="article">
    <Stack gap="md">
      <Conversation messages={prompt} language={language} />
      <SimpleGrid cols={{ base: 1, xs: Math.min(2, responses.length) }}>
        {responses.map((text, at) => (
          <Paper key={text} withBorder p="sm" radius="sm">
            <Title order={2} size="h6" mb={4}>
              {letterOf(at)}
            </Title>
            <Markdown text={text} language={language} />
          </Paper>
        ))}
      </SimpleGrid>
      <Table.ScrollContainer minWidth={320}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Annotator</Table.Th>
              <Table.Th>Said</Table.Th>
              <Table.Th>Decide</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {votes.map(({ annotator, judgements }) => {
              const answer = answerOf(judgements);
              return (
                <Table.Tr key={annotator}>
                  <Table.Td>{annotator}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{judgements.map(words).join(', ')}</Table.Td>
                  <Table.Td>
                    {answer && (
                      <Button
                        size="xs"
                        variant="default"
                        loading={isGiving}
                        onClick={() => give(answer)}
                        aria-label={`Agree with ${annotator}`}
                      >
                        Agree
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Textarea
        label="Reason"
        description="Kept with the verdict."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group>
        <Button size="xs" variant="default" onClick={open}>
          Another verdict
        </Button>
      </Group>
    </Stack>
  </Paper>
);
