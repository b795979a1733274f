/** @file A response to be rewritten: what the annotator makes of it is preferred to what it was. */
import { Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue, useLocalStorage } from '@mantine/hooks';
import { useMemo } from 'react';
import { Differences } from '../text/text.tsx';
import { wordDifferences } from '../text/word-differences.ts';
import { Frame, KeyButton, type KindProps } from './frame.tsx';
import type { KeyAction } from './keys.tsx';

export const Edit = (props: KindProps) => {
  const { item, session } = props;
  const original = item.responses[0]!;
  // A draft outlives a closed page.
  const [rewrite, setRewrite, forget] = useLocalStorage({
    key: `plaudit.draft.${item.assignment}`,
    defaultValue: original,
    getInitialValueInEffect: false,
  });
  const [settled] = useDebouncedValue(rewrite, 200);
  const [before, after] = useMemo(() => wordDifferences(original, settled), [original, settled]);
  const submit: KeyAction = {
    keys: ['Control+Enter'],
    label: 'Save the rewrite',
    disabled: rewrite === original || rewrite.trim() === '',
    act: () => {
      session.answer({ kind: 'edit', rewrite });
      forget();
    },
  };
  const reset: KeyAction = {
    keys: ['x'],
    label: 'Start again',
    disabled: rewrite === original,
    act: () => setRewrite(original),
  };
  const write: KeyAction = {
    keys: ['Enter', 'e'],
    label: 'Write',
    act: () => document.querySelector<HTMLTextAreaElement>('#rewrite')?.focus(),
  };
  return (
    <Frame {...props} actions={[write, submit, reset]}>
      <Textarea
        id="rewrite"
        label="Rewrite the response"
        description="Change what makes it worse than it could be, and nothing else. Escape leaves the field."
        autosize
        minRows={8}
        maxRows={24}
        dir="auto"
        lang={item.language}
        value={rewrite}
        onChange={(event) => setRewrite(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <Paper withBorder p="md" radius="md" component="section" aria-label="Your changes">
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            Struck through is gone, underlined is new.
          </Text>
          <Differences pieces={before.filter(({ same }) => !same)} side="removed" language={item.language} />
          <Differences pieces={after} side="added" language={item.language} />
        </Stack>
      </Paper>
      <Group justify="center">
        <KeyButton action={reset} />
        <KeyButton action={submit} main />
      </Group>
    </Frame>
  );
};
