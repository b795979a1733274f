/** @file Adjudication: items on which annotators differ, what they said, and the reviewer's verdict. */
import { Button, Group, Paper, SimpleGrid, Stack, Table, Text, Textarea, Title } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { useProject } from '../shell/session.ts';
import { Answered, Empty, Failed, Page } from '../shell/states.tsx';
import { Conversation, Markdown } from '../text/text.tsx';
import type { Answer } from './outbox.ts';

type Dispute = Result<'listLabellingDisputes'>['disputes'][number];
type Said = Dispute['votes'][number]['judgements'][number];

const letters = 'ABCDEFGHIJ';

/** What a judgement says, in a few words; the responses are lettered as they are shown. */
const words = (said: Said): string => {
  switch (said.kind) {
    case 'comparison':
      return said.outcome === 'tie'
        ? 'equally good'
        : said.outcome === 'both_bad'
          ? 'both bad'
          : `${said.outcome.toUpperCase()} ${said.strength ?? ''} better`.replace('  ', ' ');
    case 'ranking':
      return said.groups.map((group) => group.map((at) => letters[at]).join(' = ')).join(' > ');
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
    case 'comparison': {
      const outcome = { a: 'first', b: 'second', tie: 'tie', both_bad: 'both_bad' } as const;
      return {
        kind: 'pairwise',
        outcome: outcome[first.outcome],
        ...(first.strength && { strength: first.strength }),
      };
    }
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
  return (
    <Page
      title="Disagreements"
      about="Items that have all their judgements, which differ. Your verdict is a judgement of its own; theirs stay as they were given."
    >
      <Answered of={found} what="disagreements">
        {({ disputes }) =>
          disputes.length === 0 ? (
            <Empty title="Nothing to decide">
              Annotators agree on every item that has all its judgements.
            </Empty>
          ) : (
            <Stack gap="xl">
              {disputes.map((dispute) => (
                <Decision key={dispute.item} dispute={dispute} />
              ))}
            </Stack>
          )
        }
      </Answered>
    </Page>
  );
};

const Decision = ({ dispute }: { readonly dispute: Dispute }) => {
  const project = useProject();
  const [reason, setReason] = useState('');
  const decide = useDo('decideLabellingItem');
  const { item, prompt, responses, votes } = dispute;
  const isPair = votes[0]?.judgements[0]?.kind === 'comparison';
  const give = (answer: Answer): void =>
    decide.mutate({ params: { project, item }, body: { answer, reason } });
  return (
    <Paper withBorder p="md" radius="md" component="article">
      <Stack gap="md">
        <Conversation messages={prompt} />
        <SimpleGrid cols={{ base: 1, xs: Math.min(2, responses.length) }}>
          {responses.map((text, at) => (
            <Paper key={text} withBorder p="sm" radius="sm">
              <Title order={2} size="h6" mb={4}>
                {letters[at]}
              </Title>
              <Markdown text={text} />
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
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>
                      {judgements.map(words).join(', ')}
                    </Table.Td>
                    <Table.Td>
                      {answer && (
                        <Button
                          size="xs"
                          variant="default"
                          loading={decide.isPending}
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
        {isPair && (
          <Group gap="xs">
            {(['first', 'second', 'tie', 'both_bad'] as const).map((outcome, at) => (
              <Button
                key={outcome}
                size="xs"
                variant="default"
                loading={decide.isPending}
                onClick={() => give({ kind: 'pairwise', outcome })}
              >
                {['A better', 'B better', 'Equally good', 'Both bad'][at]}
              </Button>
            ))}
          </Group>
        )}
        {decide.isError && <Failed error={decide.error} />}
        <Text size="xs" c="dimmed">
          {votes.length} judgements
        </Text>
      </Stack>
    </Paper>
  );
};
