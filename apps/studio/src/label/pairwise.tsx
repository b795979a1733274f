/** @file Two responses side by side: which is better and how clearly, a tie, or both bad. */
import { Group, Paper, SimpleGrid, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMemo } from 'react';
import { Differences, Markdown, Scrolled } from '../text/text.tsx';
import { wordDifferences } from '../text/word-differences.ts';
import { Frame, KeyButton, type KindProps } from './frame.tsx';
import type { KeyAction } from './keys.tsx';

const strengths = ['much', 'clearly', 'slightly'] as const;

export const Pairwise = (props: KindProps) => {
  const { item, session } = props;
  const [compared, differences] = useDisclosure();
  const choose =
    (outcome: 'first' | 'second' | 'tie' | 'both_bad', strength?: (typeof strengths)[number]) => () =>
      session.answer({ kind: 'pairwise', outcome, ...(strength && { strength }) });
  const left = strengths.map(
    (strength, at): KeyAction => ({
      keys: [String(at + 1)],
      label: `A ${strength} better`,
      act: choose('first', strength),
    }),
  );
  const right = [...strengths].reverse().map(
    (strength, at): KeyAction => ({
      keys: [String(at + 5)],
      label: `B ${strength} better`,
      act: choose('second', strength),
    }),
  );
  const tie: KeyAction = { keys: ['4', 't'], label: 'Equally good', act: choose('tie') };
  const bad: KeyAction = { keys: ['0', 'b'], label: 'Both bad', act: choose('both_bad') };
  const first: KeyAction = { keys: ['ArrowLeft'], label: 'A better', act: choose('first') };
  const second: KeyAction = { keys: ['ArrowRight'], label: 'B better', act: choose('second') };
  const show: KeyAction = {
    keys: ['d'],
    label: compared ? 'Show formatted' : 'Show differences',
    act: differences.toggle,
  };
  const [a, b] = item.responses as unknown as readonly [string, string];
  const pieces = useMemo(() => (compared ? wordDifferences(a, b) : undefined), [compared, a, b]);
  return (
    <Frame {...props} actions={[first, second, ...left, tie, ...right, bad, show]}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        {[a, b].map((text, at) => (
          <Paper
            key={at}
            withBorder
            p="md"
            radius="md"
            component="section"
            aria-label={`Response ${at === 0 ? 'A' : 'B'}`}
          >
            <Text fw={700} mb="xs" aria-hidden>
              {at === 0 ? 'A' : 'B'}
            </Text>
            <Scrolled label={`Text of response ${at === 0 ? 'A' : 'B'}`}>
              {pieces ? (
                <Differences pieces={pieces[at]!} side="added" language={item.language} />
              ) : (
                <Markdown text={text} language={item.language} />
              )}
            </Scrolled>
          </Paper>
        ))}
      </SimpleGrid>
      <SimpleGrid cols={2} spacing="md" role="group" aria-label="Your judgement">
        {[
          { main: first, others: [...left].reverse() },
          { main: second, others: right },
        ].map(({ main, others }) => (
          <Group key={main.label} gap="xs" justify="center">
            <KeyButton action={main} main />
            {others.map((action, at) => (
              <KeyButton key={action.label} action={action} short={strengths[2 - at]!} />
            ))}
          </Group>
        ))}
      </SimpleGrid>
      <Group justify="center" gap="xs">
        <KeyButton action={tie} />
        <KeyButton action={bad} />
        <KeyButton action={show} />
      </Group>
    </Frame>
  );
};
