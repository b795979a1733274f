/** @file The guardrails of a bundle while they are written: each rule says what is wrong with it, and all can be tried on a text. */
import {
  Alert,
  Button,
  Fieldset,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { Input } from '@plaudit/sdk';
import { useState } from 'react';
import { useDo } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Failed } from '../../shell/states.tsx';

export type Guardrails = NonNullable<NonNullable<Input<'createBundle'>['body']>['guardrails']>;
type PatternRule = NonNullable<Guardrails['rules']>[number];
type Action = NonNullable<PatternRule['action']>;

const actions = [
  { value: 'mark', label: 'mark it' },
  { value: 'review', label: 'hold it for a person' },
  { value: 'block', label: 'keep it back' },
];

/** Why a rule cannot be kept; undefined where it can. */
const problemOf = ({ pattern, flags = 'iu' }: PatternRule): string | undefined => {
  if (pattern === '') return 'It needs a pattern.';
  if (!/^[imsu]*$/.test(flags)) return 'Flags may be i, m, s and u.';
  try {
    new RegExp(pattern, flags);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'It is no regular expression.';
  }
};

export const isValid = ({ rules = [], objectives = [] }: Guardrails): boolean =>
  rules.every((rule) => rule.name.trim() !== '' && problemOf(rule) === undefined) &&
  objectives.every(({ objective }) => objective.trim() !== '');

interface EditorProps {
  readonly of: Guardrails;
  readonly onChange: (guardrails: Guardrails) => void;
}

export const GuardrailsEditor = ({ of, onChange }: EditorProps) => (
  <Fieldset legend="Guardrails">
    <Stack gap="md">
      <PatternRules of={of} onChange={onChange} />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select
          label="Obscenities, insults and threats"
          placeholder="Not looked for"
          clearable
          data={actions}
          value={of.toxicity ?? null}
          onChange={(value) => {
            const { toxicity: _, ...rest } = of;
            onChange(value === null ? rest : { ...rest, toxicity: value as Action });
          }}
        />
        <Select
          label="What the reward model forbids"
          data={actions}
          value={of.violations ?? 'block'}
          allowDeselect={false}
          onChange={(value) => onChange({ ...of, violations: value as Action })}
        />
        <Select
          label="What could not be scored"
          data={actions}
          value={of.unscored ?? 'review'}
          allowDeselect={false}
          onChange={(value) => onChange({ ...of, unscored: value as Action })}
        />
      </SimpleGrid>
      <Objectives of={of} onChange={onChange} />
      <Trial of={of} />
    </Stack>
  </Fieldset>
);

const PatternRules = ({ of, onChange }: EditorProps) => {
  const rules = of.rules ?? [];
  const put = (at: number, change: Partial<PatternRule>): void =>
    onChange({ ...of, rules: rules.with(at, { ...rules[at]!, ...change }) });
  return (
    <Stack gap="sm">
      {rules.length === 0 && (
        <Text size="sm" c="dimmed">
          No pattern is looked for.
        </Text>
      )}
      {rules.map((rule, at) => (
        <SimpleGrid key={at} cols={{ base: 1, sm: 2, lg: 4 }}>
          <TextInput
            label="Rule"
            required
            value={rule.name}
            onChange={(event) => put(at, { name: event.currentTarget.value })}
          />
          <TextInput
            label="Pattern"
            description="A regular expression."
            required
            value={rule.pattern}
            error={problemOf(rule)}
            onChange={(event) => put(at, { pattern: event.currentTarget.value })}
          />
          <Select
            label="In the"
            data={['prompt', 'response', 'either']}
            value={rule.in ?? 'response'}
            allowDeselect={false}
            onChange={(value) => put(at, { in: value as 'prompt' | 'response' | 'either' })}
          />
          <Group align="end" wrap="nowrap">
            <Select
              label="What it does"
              data={actions}
              value={rule.action ?? 'block'}
              allowDeselect={false}
              flex={1}
              onChange={(value) => put(at, { action: value as Action })}
            />
            <Button
              variant="default"
              aria-label={`Remove the rule ${rule.name || at + 1}`}
              onClick={() => onChange({ ...of, rules: rules.toSpliced(at, 1) })}
            >
              Remove
            </Button>
          </Group>
        </SimpleGrid>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          onClick={() => onChange({ ...of, rules: [...rules, { name: '', pattern: '' }] })}
        >
          Add a pattern
        </Button>
      </Group>
    </Stack>
  );
};

const Objectives = ({ of, onChange }: EditorProps) => {
  const objectives = of.objectives ?? [];
  const put = (at: number, change: Partial<(typeof objectives)[number]>): void =>
    onChange({ ...of, objectives: objectives.with(at, { ...objectives[at]!, ...change }) });
  return (
    <Stack gap="sm">
      {objectives.map((rule, at) => (
        <SimpleGrid key={at} cols={{ base: 1, sm: 3 }}>
          <TextInput
            label="Objective"
            description="As the reward model names it, such as safety."
            required
            value={rule.objective}
            onChange={(event) => put(at, { objective: event.currentTarget.value })}
          />
          <NumberInput
            label="At least"
            description="Raw score of this version."
            required
            value={rule.least}
            onChange={(value) => typeof value === 'number' && put(at, { least: value })}
          />
          <Group align="end" wrap="nowrap">
            <Select
              label="Below it"
              data={actions}
              value={rule.action ?? 'block'}
              allowDeselect={false}
              flex={1}
              onChange={(value) => put(at, { action: value as Action })}
            />
            <Button
              variant="default"
              aria-label={`Remove the bound on ${rule.objective || at + 1}`}
              onClick={() => onChange({ ...of, objectives: objectives.toSpliced(at, 1) })}
            >
              Remove
            </Button>
          </Group>
        </SimpleGrid>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          onClick={() => onChange({ ...of, objectives: [...objectives, { objective: '', least: 0 }] })}
        >
          Add a bound on an objective
        </Button>
      </Group>
    </Stack>
  );
};

const said = {
  allow: 'It would leave',
  review: 'It would wait for a person',
  block: 'It would be kept back',
};

const Trial = ({ of }: { readonly of: Guardrails }) => {
  const project = useProject();
  const check = useDo('checkGuardrails');
  const [prompt, setPrompt] = useState('');
  const [response, setResponse] = useState('');
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Textarea
          label="Try them on a prompt"
          autosize
          minRows={2}
          value={prompt}
          onChange={(event) => setPrompt(event.currentTarget.value)}
        />
        <Textarea
          label="and a response"
          autosize
          minRows={2}
          value={response}
          onChange={(event) => setResponse(event.currentTarget.value)}
        />
      </SimpleGrid>
      <Group>
        <Button
          size="xs"
          variant="default"
          disabled={response === '' || !isValid(of)}
          loading={check.isPending}
          onClick={() =>
            check.mutate({
              params: { project },
              body: { settings: of, prompt: [{ role: 'user', content: prompt }], response },
            })
          }
        >
          Try them
        </Button>
      </Group>
      {check.isError && <Failed error={check.error} />}
      {check.data && (
        <Alert variant="outline" role="status" title={said[check.data.action]}>
          {check.data.reasons.length === 0
            ? 'No rule holds.'
            : check.data.reasons.map(({ reason, action }) => (
                <Text size="sm" key={reason}>
                  {reason}: {action}
                </Text>
              ))}
        </Alert>
      )}
    </Stack>
  );
};
