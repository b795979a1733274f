/** @file Two responses side by side, compared on each criterion of the rubric by itself. */
import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Frame, KeyButton, type KindProps } from './frame.tsx';
import { type KeyAction, KeyName } from './keys.tsx';
import type { Answer } from './outbox.ts';
import { useSideBySide } from './response.tsx';
import { sideKeys, strengths } from './sides.ts';

type Comparisons = Extract<Answer, { kind: 'criteria' }>['comparisons'];

const outcomes = [
  { outcome: 'first', label: 'A better', key: 'ArrowLeft' },
  { outcome: 'tie', label: 'Equal', key: '4' },
  { outcome: 'second', label: 'B better', key: 'ArrowRight' },
  { outcome: 'both_bad', label: 'Both bad', key: '0' },
] as const;

export const Criteria = (props: KindProps) => {
  const { item, session, task } = props;
  const criteria = task.rubric?.criteria ?? [];
  const { actions, panes } = useSideBySide(item);
  const [comparisons, setComparisons] = useState<Comparisons>({});
  const [at, setAt] = useState(0);
  const set = (name: string, compared: Comparisons[string]): void => {
    const next = { ...comparisons, [name]: compared };
    setComparisons(next);
    const from = criteria.findIndex((one) => one.name === name);
    const open = criteria.findIndex((one, place) => place > from && next[one.name] === undefined);
    setAt(open >= 0 ? open : from);
  };
  const active = criteria[at];
  const sides = active ? sideKeys((compared) => set(active.name, compared), active.name).all : [];
  const previous: KeyAction = {
    keys: ['ArrowUp', 'k'],
    label: 'Criterion before',
    act: () => setAt(Math.max(0, at - 1)),
  };
  const next: KeyAction = {
    keys: ['ArrowDown', 'j'],
    label: 'Next criterion',
    act: () => setAt(Math.min(criteria.length - 1, at + 1)),
  };
  const submit: KeyAction = {
    keys: ['Enter'],
    label: 'Save the comparison',
    disabled: criteria.some(({ name }) => comparisons[name] === undefined),
    act: () => session.answer({ kind: 'criteria', comparisons }),
  };
  return (
    <Frame {...props} actions={[...sides, previous, next, submit, ...actions]}>
      {panes}
      <Stack gap="xs" role="group" aria-label="Your judgement">
        {criteria.map(({ name, description }, place) => {
          const given = comparisons[name];
          const isActive = place === at;
          return (
            <Paper
              key={name}
              withBorder
              p="sm"
              radius="md"
              style={{
                borderColor: isActive ? 'var(--mantine-color-indigo-6)' : undefined,
                borderWidth: 2,
              }}
              onClick={() => setAt(place)}
            >
              <Group justify="space-between" gap="sm">
                <div style={{ flex: '1 1 180px' }}>
                  <Text fw={600}>{name}</Text>
                  {description && (
                    <Text size="sm" c="dimmed" lineClamp={2}>
                      {description}
                    </Text>
                  )}
                </div>
                <Stack gap={6} align="end">
                  <Group gap={6} role="radiogroup" aria-label={name}>
                    {outcomes.map(({ outcome, label, key }) => (
                      <Button
                        key={outcome}
                        size="sm"
                        px="sm"
                        role="radio"
                        aria-checked={given?.outcome === outcome}
                        variant={given?.outcome === outcome ? 'filled' : 'default'}
                        onClick={() => set(name, { outcome })}
                        rightSection={isActive ? <KeyName of={key} /> : undefined}
                      >
                        {label}
                      </Button>
                    ))}
                  </Group>
                  {(given?.outcome === 'first' || given?.outcome === 'second') && (
                    <Group gap={6} role="radiogroup" aria-label={`How clearly: ${name}`}>
                      {[...strengths].reverse().map((strength) => (
                        <Button
                          key={strength}
                          size="compact-sm"
                          role="radio"
                          aria-checked={given.strength === strength}
                          variant={given.strength === strength ? 'filled' : 'default'}
                          onClick={() => set(name, { ...given, strength })}
                        >
                          {strength}
                        </Button>
                      ))}
                    </Group>
                  )}
                </Stack>
              </Group>
            </Paper>
          );
        })}
        <Group justify="center" gap="xs">
          {[submit, ...actions].map((action) => (
            <KeyButton key={action.keys[0]} action={action} main={action === submit} />
          ))}
        </Group>
      </Stack>
    </Frame>
  );
};
