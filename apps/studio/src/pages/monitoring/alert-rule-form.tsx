/** @file The form of an alert rule: what is measured, when it is too much, what no data means, and who is told. */
import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useAsk } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Failed } from '../../shell/states.tsx';
import {
  type GivenRule,
  type MeasureName,
  measureOf,
  measures,
  type RuleDraft,
  ruleOf,
} from './alert-rule-draft.ts';

const week = 7 * 24 * 60;
const durations = [
  { value: '15', label: '15 minutes' },
  { value: '60', label: 'an hour' },
  { value: '360', label: 'six hours' },
  { value: '1440', label: 'a day' },
  { value: String(week), label: 'a week' },
  { value: String(4 * week), label: 'four weeks' },
];
/** A duration that the list does not have stays as it is. */
const withOwn = (minutes: number) =>
  durations.some(({ value }) => value === String(minutes))
    ? durations
    : [...durations, { value: String(minutes), label: `${minutes} minutes` }];

interface AlertRuleFormProps {
  readonly draft: RuleDraft;
  /** A rule keeps its name. */
  readonly isNew: boolean;
  readonly deployments: readonly string[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onSave: (name: string, rule: GivenRule) => void;
}

export const AlertRuleForm = ({
  draft,
  isNew,
  deployments,
  isPending,
  error,
  onSave,
}: AlertRuleFormProps) => {
  const [rule, setRule] = useState(draft);
  const set = (change: Partial<RuleDraft>): void => setRule((before) => ({ ...before, ...change }));
  const { unit } = measureOf(rule.of);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave(rule.name, ruleOf(rule));
      }}
    >
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label="Name"
            required
            disabled={!isNew}
            value={rule.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label="Deployment"
            required
            data={[...new Set([...deployments, rule.deployment])].filter((name) => name !== '')}
            value={rule.deployment || null}
            allowDeselect={false}
            onChange={(value) => set({ deployment: value! })}
          />
        </SimpleGrid>
        <Select
          label="Measure"
          searchable
          data={measures.map(({ of, label }) => ({ value: of, label }))}
          value={rule.of}
          allowDeselect={false}
          onChange={(value) => {
            const of = value as MeasureName;
            set({ of, side: measureOf(of).side, bound: measureOf(of).bound });
          }}
        />
        <Particulars rule={rule} set={set} />
        {rule.of !== 'error budget' && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label="It fires"
              data={[
                { value: 'above', label: 'above' },
                { value: 'below', label: 'below' },
              ]}
              value={rule.side}
              allowDeselect={false}
              onChange={(value) => set({ side: value as 'above' | 'below' })}
            />
            <NumberInput
              label="Bound"
              description={unit}
              required
              value={rule.bound}
              onChange={(value) => typeof value === 'number' && set({ bound: value })}
            />
          </SimpleGrid>
        )}
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Select
            label="Over the last"
            data={withOwn(rule.window)}
            value={String(rule.window)}
            allowDeselect={false}
            onChange={(value) => set({ window: Number(value) })}
          />
          {'minutes' in rule.reference ? (
            <Select
              label="Against what was before, for"
              data={withOwn(rule.reference.minutes)}
              value={String(rule.reference.minutes)}
              allowDeselect={false}
              onChange={(value) => set({ reference: { minutes: Number(value) } })}
            />
          ) : (
            <TextInput label="Against" readOnly value={`${rule.reference.from} to ${rule.reference.to}`} />
          )}
          <NumberInput
            label="For at least, minutes"
            min={0}
            value={rule.lasting}
            onChange={(value) => typeof value === 'number' && set({ lasting: value })}
          />
        </SimpleGrid>
        <Checkbox
          label="Only where the whole 95 % interval is beyond the bound"
          description="A measure says nothing below its least count: too few responses never fire it."
          checked={rule.sure}
          onChange={(event) => set({ sure: event.currentTarget.checked })}
        />
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Select
            label="Without enough data"
            data={[
              { value: 'alert', label: 'alert: no data is no good news' },
              { value: 'keep', label: 'keep the last state' },
              { value: 'ok', label: 'all is well: it is rarely used' },
            ]}
            value={rule.noData}
            allowDeselect={false}
            onChange={(value) => set({ noData: value as RuleDraft['noData'] })}
          />
          <Select
            label="Severity"
            data={[
              { value: '1', label: '1, wake somebody' },
              { value: '2', label: '2, today' },
              { value: '3', label: '3, this week' },
              { value: '4', label: '4, to know' },
            ]}
            value={String(rule.severity)}
            allowDeselect={false}
            onChange={(value) => set({ severity: Number(value) as RuleDraft['severity'] })}
          />
          <NumberInput
            label="Tell again after, minutes"
            description="0 tells it once."
            min={0}
            value={rule.repeat}
            onChange={(value) => typeof value === 'number' && set({ repeat: value })}
          />
        </SimpleGrid>
        <Channels rule={rule} set={set} />
        {error && <Failed error={error} />}
        <Group>
          <Button type="submit" loading={isPending}>
            {isNew ? 'Make it' : 'Change it'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

interface PartOfForm {
  readonly rule: RuleDraft;
  readonly set: (change: Partial<RuleDraft>) => void;
}

/** What only some measures need. */
const Particulars = ({ rule, set }: PartOfForm) => {
  const project = useProject();
  const asksData = rule.of === 'human agreement' || rule.of === 'annotators with concerns';
  const datasets = useAsk('listDatasets', { params: { project } }, { enabled: asksData });
  if (rule.of === 'segment distance')
    return (
      <TextInput
        label="Segment"
        description="Its name as requests give it, such as language."
        required
        value={rule.segment}
        onChange={(event) => set({ segment: event.currentTarget.value })}
      />
    );
  if (asksData)
    return (
      <Select
        label="Judgements of the dataset"
        required
        data={(datasets.data?.datasets ?? []).map(({ name }) => name)}
        value={rule.dataset || null}
        allowDeselect={false}
        onChange={(value) => set({ dataset: value! })}
      />
    );
  if (rule.of !== 'error budget') return null;
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <NumberInput
        label="Promised, % of responses"
        required
        min={1}
        max={99.999}
        decimalScale={3}
        value={rule.promised}
        onChange={(value) => typeof value === 'number' && set({ promised: value })}
      />
      <Select
        label="Bad are"
        data={['failures', 'incidents', 'low rewards', 'slow']}
        value={rule.bad}
        allowDeselect={false}
        onChange={(value) => set({ bad: value as RuleDraft['bad'] })}
      />
      {(rule.bad === 'low rewards' || rule.bad === 'slow') && (
        <NumberInput
          label={rule.bad === 'slow' ? 'Slower than, milliseconds' : 'Rewards below'}
          required
          value={rule.badBound}
          onChange={(value) => typeof value === 'number' && set({ badBound: value })}
        />
      )}
    </SimpleGrid>
  );
};

const Channels = ({ rule: { channels }, set }: PartOfForm) => {
  const put = (at: number, channel: (typeof channels)[number]): void =>
    set({ channels: channels.with(at, channel) });
  return (
    <Fieldset legend="Who is told, beside the studio">
      <Stack gap="sm">
        {channels.length === 0 && (
          <Text size="sm" c="dimmed">
            Nobody: incidents are on this page and in the studio's alerts.
          </Text>
        )}
        {channels.map((channel, at) => (
          <Group key={at} align="end" wrap="nowrap">
            {channel.to === 'webhook' ? (
              <TextInput
                label="Webhook"
                type="url"
                required
                flex={1}
                value={channel.url}
                onChange={(event) => put(at, { to: 'webhook', url: event.currentTarget.value })}
              />
            ) : (
              <TextInput
                label="E-mail"
                type="email"
                required
                flex={1}
                value={channel.address}
                onChange={(event) => put(at, { to: 'email', address: event.currentTarget.value })}
              />
            )}
            <Button
              variant="default"
              aria-label={`Remove channel ${at + 1}`}
              onClick={() => set({ channels: channels.toSpliced(at, 1) })}
            >
              Remove
            </Button>
          </Group>
        ))}
        <Group>
          <Button
            size="xs"
            variant="default"
            onClick={() => set({ channels: [...channels, { to: 'webhook', url: '' }] })}
          >
            Add a webhook
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() => set({ channels: [...channels, { to: 'email', address: '' }] })}
          >
            Add an e-mail address
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
};
