/** @file A response on the screen, under its letter; two of them side by side, with what differs marked where that is wanted. */
import { Group, Paper, SimpleGrid, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { type ReactNode, useMemo } from 'react';
import { markedDifferences } from '../text/marked-differences.ts';
import { Differences, Markdown, Prose, Scrolled } from '../text/text.tsx';
import { wordDifferences } from '../text/word-differences.ts';
import type { KeyAction } from './keys.tsx';
import type { Item } from './session.ts';

export const letterOf = (at: number): string => String.fromCharCode(65 + at);

export const ResponsePane = ({
  letter,
  beside,
  action,
  children,
}: {
  readonly letter: string;
  /** Beside the letter. */
  readonly beside?: ReactNode;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) => (
  <Paper withBorder p="md" radius="md" component="section" aria-label={`Response ${letter}`}>
    <Group justify="space-between" mb="xs">
      <Group gap="xs">
        <Text fw={700} aria-hidden>
          {letter}
        </Text>
        {beside}
      </Group>
      {action}
    </Group>
    <Scrolled label={`Text of response ${letter}`}>{children}</Scrolled>
  </Paper>
);

/** What was chosen for one item holds for the next ones. */
const useView = (key: string) =>
  useLocalStorage({ key: `plaudit.${key}`, defaultValue: false, getInitialValueInEffect: false });

/** The two responses of an item, and the keys that change how they are shown. */
export const useSideBySide = ({
  responses,
  language,
}: Item): { readonly actions: readonly KeyAction[]; readonly panes: ReactNode } => {
  const [compared, setCompared] = useView('differences');
  const [plain, setPlain] = useView('plain');
  const texts = responses as unknown as readonly [string, string];
  const [a, b] = texts;
  const marked = useMemo(
    () => (compared && !plain ? markedDifferences(a, b) : undefined),
    [compared, plain, a, b],
  );
  const pieces = useMemo(() => {
    if (!plain) return undefined;
    return compared
      ? wordDifferences(a, b)
      : ([[{ text: a, same: true }], [{ text: b, same: true }]] as const);
  }, [compared, plain, a, b]);
  const actions: readonly KeyAction[] = [
    {
      keys: ['d'],
      label: compared ? 'Hide differences' : 'Show differences',
      act: () => setCompared(!compared),
    },
    { keys: ['m'], label: plain ? 'Show formatted' : 'Show as written', act: () => setPlain(!plain) },
  ];
  const panes = (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
      {texts.map((text, at) => (
        <ResponsePane key={letterOf(at)} letter={letterOf(at)}>
          {pieces ? (
            <Differences pieces={pieces[at]!} side="added" language={language} />
          ) : marked ? (
            <Prose html={marked[at]!} language={language} />
          ) : (
            <Markdown text={text} language={language} />
          )}
        </ResponsePane>
      ))}
    </SimpleGrid>
  );
  return { actions, panes };
};
