/** @file One response, valued on each criterion of the rubric. */
import { Box, Button, Group, NumberInput, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Markdown, Scrolled } from '../text/text.tsx';
import { Frame, KeyButton, type KindProps } from './frame.tsx';
import { type KeyAction, KeyName } from './keys.tsx';

/** The whole numbers of a scale; undefined where there are too many for buttons. */
const stepsOf = ({ least, most }: { readonly least: number; readonly most: number }): number[] | undefined =>
  Number.isInteger(least) && Number.isInteger(most) && most - least <= 10
    ? Array.from({ length: most - least + 1 }, (_, at) => least + at)
    : undefined;

/** The key of a value: itself, 0 for ten. */
const keyOf = (value: number): string | undefined =>
  value >= 0 && value <= 9 ? String(value) : value === 10 ? '0' : undefined;

export const Rating = (props: KindProps) => {
  const { item, session, task } = props;
  const criteria = task.rubric?.criteria ?? [];
  const [values, setValues] = useState<Readonly<Record<string, number>>>({});
  const [at, setAt] = useState(0);
  const active = criteria[at];
  const set = (name: string, value: number): void => {
    const next = { ...values, [name]: value };
    setValues(next);
    const from = criteria.findIndex((one) => one.name === name);
    const open = criteria.findIndex((one, place) => place > from && next[one.name] === undefined);
    setAt(open >= 0 ? open : from);
  };
  const isComplete = criteria.every(({ name }) => values[name] !== undefined);
  const choices = (active ? (stepsOf(active.scale) ?? []) : []).flatMap((value): KeyAction[] => {
    const key = keyOf(value);
    return key
      ? [{ keys: [key], label: `${active!.name}: ${value}`, act: () => set(active!.name, value) }]
      : [];
  });
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
    label: 'Save the rating',
    disabled: !isComplete,
    act: () => session.answer({ kind: 'rating', values }),
  };
  return (
    <Frame {...props} actions={[...choices, previous, next, submit]}>
      <Paper withBorder p="md" radius="md" component="section" aria-label="Response">
        <Scrolled label="Text of the response">
          <Markdown text={item.responses[0]!} language={item.language} />
        </Scrolled>
      </Paper>
      <Stack gap="xs" role="group" aria-label="Your judgement">
        {criteria.map(({ name, description, scale }, place) => (
          <Paper
            key={name}
            withBorder
            p="sm"
            radius="md"
            role="radiogroup"
            aria-label={name}
            style={{
              borderColor: place === at ? 'var(--mantine-color-indigo-6)' : undefined,
              borderWidth: 2,
            }}
            onClick={() => setAt(place)}
          >
            <Group justify="space-between" gap="sm">
              <Box flex="1 1 200px">
                <Text fw={600}>{name}</Text>
                {description && (
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {description}
                  </Text>
                )}
              </Box>
              <Group gap={6}>
                {stepsOf(scale)?.map((value) => (
                  <Button
                    key={value}
                    size="sm"
                    px="sm"
                    role="radio"
                    aria-checked={values[name] === value}
                    variant={values[name] === value ? 'filled' : 'default'}
                    onClick={() => set(name, value)}
                    rightSection={place === at && keyOf(value) ? <KeyName of={keyOf(value)!} /> : undefined}
                  >
                    {value}
                  </Button>
                )) ?? (
                  <NumberInput
                    aria-label={name}
                    min={scale.least}
                    max={scale.most}
                    value={values[name] ?? ''}
                    onChange={(value) => typeof value === 'number' && setValues({ ...values, [name]: value })}
                  />
                )}
              </Group>
            </Group>
          </Paper>
        ))}
        <Group justify="center">
          <KeyButton action={submit} main />
        </Group>
      </Stack>
    </Frame>
  );
};
