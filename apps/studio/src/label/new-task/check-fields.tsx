/** @file Items whose answer is known, mixed into a task: gold, which pauses who is too often wrong, and attention checks. */
import { Accordion, Group, JsonInput, NumberInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { jsonIn } from './json.ts';

const sample = `[
  { "prompt": "What is 2 + 2?", "responses": ["4", "5"], "right": "a" }
]`;

/** What a task is made with; null stands for what is not JSON. */
export interface Checks {
  readonly gold?: unknown;
  readonly goldShare?: number;
  readonly goldBar?: number;
  readonly attention?: unknown;
  readonly attentionShare?: number;
}

/** A share as percent, which is how people say it. */
const Percent = ({
  label,
  description,
  value,
  most,
  onChange,
}: {
  readonly label: string;
  readonly description: string;
  readonly value: number;
  readonly most: number;
  readonly onChange: (share: number) => void;
}) => (
  <NumberInput
    {...{ label, description }}
    min={0}
    max={most}
    suffix=" %"
    value={Math.round(100 * value)}
    onChange={(percent) => onChange(Number(percent) / 100)}
  />
);

export const CheckFields = ({ onChange }: { readonly onChange: (checks: Checks) => void }) => {
  const [gold, setGold] = useState('');
  const [attention, setAttention] = useState('');
  const [shares, setShares] = useState({ goldShare: 0.05, goldBar: 0.7, attentionShare: 0.02 });
  const told = (to: { gold?: string; attention?: string; shares?: typeof shares }): void => {
    const now = { gold, attention, shares, ...to };
    const { goldShare, goldBar, attentionShare } = now.shares;
    onChange({
      ...(now.gold.trim() !== '' && { gold: jsonIn(now.gold), goldShare, goldBar }),
      ...(now.attention.trim() !== '' && { attention: jsonIn(now.attention), attentionShare }),
    });
  };
  const share = (name: keyof typeof shares) => (value: number) => {
    const next = { ...shares, [name]: value };
    setShares(next);
    told({ shares: next });
  };
  const field = { autosize: true, minRows: 3, maxRows: 16, placeholder: sample } as const;
  return (
    <Accordion variant="contained" keepMounted={false}>
      <Accordion.Item value="checks">
        <Accordion.Control>Checks: items whose answer is known</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <JsonInput
              {...field}
              label="Gold items"
              description="Each with its right answer: a, b, tie, both_bad; groups of a ranking; values by criterion."
              validationError="This is not JSON."
              value={gold}
              onChange={(value) => {
                setGold(value);
                told({ gold: value });
              }}
            />
            <Group grow align="end">
              <Percent
                label="Share of gold"
                description="Of what is shown."
                most={50}
                value={shares.goldShare}
                onChange={share('goldShare')}
              />
              <Percent
                label="Pause below"
                description="Right on gold, as far as it is sure."
                most={99}
                value={shares.goldBar}
                onChange={share('goldBar')}
              />
            </Group>
            <JsonInput
              {...field}
              label="Attention items"
              description="With an answer that nobody misses who reads."
              validationError="This is not JSON."
              value={attention}
              onChange={(value) => {
                setAttention(value);
                told({ attention: value });
              }}
            />
            <Percent
              label="Share of attention items"
              description="Of what is shown."
              most={50}
              value={shares.attentionShare}
              onChange={share('attentionShare')}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
};
