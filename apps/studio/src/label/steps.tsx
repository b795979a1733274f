/** @file The steps of a response: each is right, wrong, or not judged. */
import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { Markdown } from '../text/text.tsx';
import { Frame, KeyButton, type KindProps } from './frame.tsx';
import { type KeyAction, KeyName } from './keys.tsx';

type StepLabel = boolean | null;
const choices = [
  { value: true, label: 'Right', key: '1' },
  { value: false, label: 'Wrong', key: '2' },
  { value: null, label: 'Not judged', key: '3' },
] as const;

export const Steps = (props: KindProps) => {
  const { item, session } = props;
  const steps = item.steps ?? item.responses;
  const [labels, setLabels] = useState<readonly StepLabel[]>(() => steps.map(() => null));
  const [at, setAt] = useState(0);
  const list = useRef<HTMLOListElement>(null);
  const move = (to: number): void => {
    const place = Math.min(steps.length - 1, Math.max(0, to));
    setAt(place);
    list.current?.children[place]?.scrollIntoView({ block: 'nearest' });
  };
  const set = (place: number, value: StepLabel): void => {
    setLabels(labels.map((label, one) => (one === place ? value : label)));
    move(place + 1);
  };
  const keys = choices.map(
    ({ value, label, key }): KeyAction => ({
      keys: [key],
      label: `Step ${at + 1}: ${label.toLowerCase()}`,
      act: () => set(at, value),
    }),
  );
  const previous: KeyAction = { keys: ['ArrowUp', 'k'], label: 'Step before', act: () => move(at - 1) };
  const next: KeyAction = { keys: ['ArrowDown', 'j'], label: 'Next step', act: () => move(at + 1) };
  const judged = labels.filter((label) => label !== null).length;
  const submit: KeyAction = {
    keys: ['Enter'],
    label: `Save ${judged} of ${steps.length} steps`,
    disabled: judged === 0,
    act: () => session.answer({ kind: 'steps', labels }),
  };
  return (
    <Frame {...props} actions={[...keys, previous, next, submit]}>
      <Text size="sm" c="dimmed">
        Judge steps in order. After the first wrong step the rest may stay unjudged.
      </Text>
      <Stack component="ol" gap="xs" ref={list as never} style={{ listStyle: 'none', padding: 0, margin: 0 }}>
        {steps.map((text, place) => (
          <li key={place}>
            <Paper
              withBorder
              p="sm"
              radius="md"
              style={{
                borderColor: place === at ? 'var(--mantine-color-indigo-6)' : undefined,
                borderWidth: 2,
              }}
              onClick={() => setAt(place)}
            >
              <Group justify="space-between" align="start" gap="sm">
                <div style={{ flex: '1 1 240px', minWidth: 0 }}>
                  <Markdown text={text === '' ? '(empty)' : text} language={item.language} />
                </div>
                <Group gap={6} role="radiogroup" aria-label={`Step ${place + 1}`}>
                  {choices.map(({ value, label, key }) => (
                    <Button
                      key={key}
                      size="xs"
                      role="radio"
                      aria-checked={labels[place] === value}
                      variant={labels[place] === value ? 'filled' : 'default'}
                      onClick={() => set(place, value)}
                      rightSection={place === at ? <KeyName of={key} /> : undefined}
                    >
                      {label}
                    </Button>
                  ))}
                </Group>
              </Group>
            </Paper>
          </li>
        ))}
      </Stack>
      <Group justify="center">
        <KeyButton action={submit} main />
      </Group>
    </Frame>
  );
};
