/** @file Texts beside each other: the pairs that a reward model got most wrong, and what a policy wrote before and after. */
import { Button, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { type ReactNode, useState } from 'react';
import { useAsk } from '../../api.ts';
import { shown } from '../../chart/series.ts';
import { useProject } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { Part } from '../../shell/words.tsx';
import { Conversation, Markdown, Scrolled } from '../../text/text.tsx';

type Mistake = Result<'listMistakes'>['mistakes'][number];
type Sample = Result<'listSamples'>['samples'][number];

const portion = 5;

export const Mistakes = ({ model }: { readonly model: string }) => {
  const project = useProject();
  const mistakes = useAsk('listMistakes', { params: { project, model } });
  return (
    <Part title="Worst mistakes">
      <Answered of={mistakes} what="the worst mistakes">
        {({ mistakes: all }) => (
          <Portions
            all={all}
            none="None on record: it was right everywhere, or its card does not say where it was wrong."
            show={(mistake, at) => <OneMistake key={at} of={mistake} at={at} />}
          />
        )}
      </Answered>
    </Part>
  );
};

/** The first few, and more when they are asked for: texts are long. */
const Portions = <One,>({
  all,
  none,
  show,
}: {
  readonly all: readonly One[];
  readonly none: string;
  readonly show: (one: One, at: number) => ReactNode;
}) => {
  const [most, setMost] = useState(portion);
  if (all.length === 0) return <Text c="dimmed">{none}</Text>;
  return (
    <Stack gap="md">
      {all.slice(0, most).map(show)}
      {all.length > most && (
        <Group>
          <Button variant="default" onClick={() => setMost(most + portion)}>
            Show {Math.min(portion, all.length - most)} more of {all.length - most}
          </Button>
        </Group>
      )}
    </Stack>
  );
};

const OneMistake = ({
  of: { prompt, chosen, rejected, difference, source, row },
  at,
}: {
  readonly of: Mistake;
  readonly at: number;
}) => (
  <Paper withBorder p="sm" component="article" aria-label={`Mistake ${at + 1}`}>
    <Stack gap="sm">
      <Scrolled label={`Prompt of mistake ${at + 1}`}>
        <Conversation messages={prompt} />
      </Scrolled>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Side
          title={`People prefer this; reward ${chosen ? shown(chosen.reward, 3) : 'threshold 0'}`}
          text={chosen?.text ?? ''}
        />
        <Side
          title={`The model prefers this; reward ${rejected ? shown(rejected.reward, 3) : 'threshold 0'}`}
          text={rejected?.text ?? ''}
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        Wrong by {shown(Math.abs(difference), 3)}; from {source}
        {row !== null && `, row ${row}`}
      </Text>
    </Stack>
  </Paper>
);

const Side = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <div>
    <Text size="sm" fw={600} mb={4}>
      {title}
    </Text>
    <Scrolled label={title}>
      <Markdown text={text} />
    </Scrolled>
  </div>
);

export const Samples = ({ model }: { readonly model: string }) => {
  const project = useProject();
  const samples = useAsk('listSamples', { params: { project, model } });
  return (
    <Part title="Samples, before and after">
      <Answered of={samples} what="samples">
        {({ samples: all }) => (
          <Portions
            all={all}
            none="None on record: the run that made it did not answer held-out prompts."
            show={(sample, at) => <OneSample key={at} of={sample} at={at} />}
          />
        )}
      </Answered>
    </Part>
  );
};

const rewarded = ({ reward, gold }: Sample['after']): string =>
  [
    ...(reward === null ? [] : [`reward ${shown(reward, 3)}`]),
    ...(gold === null ? [] : [`gold ${shown(gold, 3)}`]),
  ].join(', ') || 'no reward';

const OneSample = ({ of: { prompt, before, after }, at }: { readonly of: Sample; readonly at: number }) => (
  <Paper withBorder p="sm" component="article" aria-label={`Sample ${at + 1}`}>
    <Stack gap="sm">
      <Scrolled label={`Prompt of sample ${at + 1}`}>
        <Conversation messages={prompt} />
      </Scrolled>
      <SimpleGrid cols={{ base: 1, md: before ? 2 : 1 }}>
        {before && <Side title={`Before: ${rewarded(before)}`} text={before.text} />}
        <Side title={`After: ${rewarded(after)}`} text={after.text} />
      </SimpleGrid>
    </Stack>
  </Paper>
);
