/** @file The live model of a task for those who see all of it: its curve, and the items that it would have judged next. */
import { Badge, Button, Group, Paper, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAsk } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Empty, Loading, Page } from '../shell/states.tsx';
import { Conversation, Markdown } from '../text/text.tsx';
import { type LiveModel, percent, useLiveModel } from './live.tsx';

export const LivePage = () => {
  const project = useProject();
  const { task } = useParams({ strict: false }) as { task: string };
  const tasks = useAsk('listLabellingTasks', { params: { project } });
  const found = useLiveModel(task);
  const own = tasks.data?.tasks.find(({ id }) => id === task);
  return (
    <Page
      title={own ? `${own.name}: live model` : 'Live model'}
      about="A small model on words and form learns from each answer as it comes. One prompt of five is held out: answers to it measure the model and never teach it."
      actions={
        <Button
          variant="default"
          renderRoot={(props) => <Link {...props} to="/p/$project/label" params={{ project }} />}
        >
          All tasks
        </Button>
      }
    >
      <Answered of={found} what="the live model">
        {(model) =>
          model.state === 'none' ? (
            <Empty title="This task has no model">
              Ratings, rewrites and steps put no two responses in order; comparisons and rankings do.
            </Empty>
          ) : model.state === 'preparing' ? (
            <Loading what="the model" />
          ) : (
            <Learned model={model} asks={own?.order === 'entropy'} />
          )
        }
      </Answered>
    </Page>
  );
};

const Fact = ({
  name,
  value,
  about,
}: {
  readonly name: string;
  readonly value: string;
  readonly about: string;
}) => (
  <Paper withBorder p="md" radius="md">
    <Text size="sm" c="dimmed">
      {name}
    </Text>
    <Text fz={26} fw={700}>
      {value}
    </Text>
    <Text size="sm" c="dimmed">
      {about}
    </Text>
  </Paper>
);

const guessing = [{ name: 'guessing', y: 0.5 }];

const Learned = ({ model, asks }: { readonly model: LiveModel; readonly asks: boolean }) => {
  const { answers, withoutOrder, heldOut, alike, measuredOn, accuracy, curve, next } = model;
  const series = useMemo(
    () => [{ name: 'accuracy', points: curve.map(({ answers, accuracy }) => ({ x: answers, y: accuracy })) }],
    [curve],
  );
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <Fact
          name="Held-out accuracy"
          value={accuracy ? percent(accuracy.share) : 'Not yet'}
          about={
            accuracy
              ? `${percent(accuracy.interval[0])} to ${percent(accuracy.interval[1])} at 95 %, on ${measuredOn} items`
              : `Told from five held-out items on; ${measuredOn} of ${heldOut} have an answer.`
          }
        />
        <Fact
          name="Learned from"
          value={`${answers} answers`}
          about={`${withoutOrder} more say that neither is better and teach it nothing`}
        />
        <Fact
          name="Asks for items"
          value={asks ? 'Yes' : 'No'}
          about={
            asks
              ? 'Most showings are items that it doubts, a share stays random; each has its probability on record.'
              : 'Items come in random order. A task made with the order “what the model doubts” lets it ask.'
          }
        />
      </SimpleGrid>
      <Chart
        caption="Accuracy on the held-out answers there are now"
        series={series}
        xLabel="answers learned from"
        yLabel="accuracy"
        levels={guessing}
      />
      {alike && (
        <Text size="sm" c="dimmed">
          Nearly all prompts of this task are near-duplicates, so that what is held out resembles what is
          learned from: on other prompts it is less often right.
        </Text>
      )}
      <Title order={2} size="h4">
        What it doubts most
      </Title>
      {next.length === 0 ? (
        <Text c="dimmed">
          {answers === 0
            ? 'It doubts everything alike until the first answer.'
            : 'Every item that it may ask for has an answer.'}
        </Text>
      ) : (
        next.map((one) => <Doubted key={one.item} item={one} />)
      )}
    </Stack>
  );
};

const Doubted = ({
  item: { prompt, responses, probability },
}: {
  readonly item: LiveModel['next'][number];
}) => (
  <Paper withBorder p="md" radius="md" component="article" aria-label="An item that it doubts">
    <Stack gap="md">
      <Conversation messages={prompt} />
      <Group gap="sm">
        <Badge variant="outline" color="gray" c="var(--mantine-color-text)">
          A better: {percent(probability)}
        </Badge>
        <Progress value={100 * probability} w={160} aria-label="Probability that A is preferred" />
      </Group>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {responses.map((text, at) => (
          <Paper key={text} withBorder p="sm" radius="sm">
            <Title order={3} size="h6" mb={4}>
              {at === 0 ? 'A' : 'B'}
            </Title>
            <Markdown text={text} />
          </Paper>
        ))}
      </SimpleGrid>
    </Stack>
  </Paper>
);
