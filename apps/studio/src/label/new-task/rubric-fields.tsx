/** @file The rubric of a new task: its guideline and criteria as fields, or as JSON for those who have one. */
import {
  Button,
  Fieldset,
  Group,
  JsonInput,
  NumberInput,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useId, useState } from 'react';
import { jsonIn } from './json.ts';

interface Example {
  readonly response: string;
  readonly value: number;
  readonly because: string;
}

interface Criterion {
  readonly name: string;
  readonly description: string;
  readonly scale: { readonly least: number; readonly most: number };
  readonly weight: number;
  readonly examples: readonly Example[];
}

/** As a task is made with it. */
interface Rubric {
  readonly name: string;
  readonly guideline: string;
  readonly criteria: readonly Criterion[];
}

const newCriterion: Criterion = {
  ...{ name: '', description: '', weight: 1, examples: [] },
  scale: { least: 0, most: 4 },
};
const newRubric: Rubric = { name: '', guideline: '', criteria: [newCriterion] };

/** A copy of a list with another entry at one place; without one that entry is left out. */
const replaced = <Entry,>(all: readonly Entry[], at: number, ...entry: readonly Entry[]): readonly Entry[] =>
  all.toSpliced(at, 1, ...entry);

const ways = [
  { value: 'none', label: 'None' },
  { value: 'fields', label: 'Fill in' },
  { value: 'json', label: 'Paste JSON' },
];

/**
 * @param onChange Called with the rubric as JSON, of any shape: the server says what is wrong with it; undefined where there is none,
 *   and null where what was pasted is not JSON
 */
export const RubricFields = ({
  isNeeded,
  onChange,
}: {
  readonly isNeeded: boolean;
  readonly onChange: (rubric: unknown) => void;
}) => {
  const label = useId();
  const [way, setWay] = useState('none');
  const [rubric, setRubric] = useState(newRubric);
  const [text, setText] = useState('');
  const turn = (to: string): void => {
    setWay(to);
    onChange(to === 'fields' ? rubric : to === 'json' ? jsonIn(text) : undefined);
  };
  const change = (to: Rubric): void => {
    setRubric(to);
    onChange(to);
  };
  return (
    <Stack gap="sm">
      <div>
        <Text size="sm" fw={500} id={label}>
          Rubric
        </Text>
        <Text size="xs" c="dimmed" mb={4}>
          {isNeeded
            ? 'Needed: its criteria are asked for.'
            : 'What to look at, with worked examples; it is shown beside each item.'}
        </Text>
        <SegmentedControl aria-labelledby={label} data={ways} value={way} onChange={turn} />
      </div>
      {way === 'fields' && <Fields rubric={rubric} onChange={change} />}
      {way === 'json' && (
        <JsonInput
          label="Rubric as JSON"
          description="name, guideline, criteria; or the name of one that is published."
          autosize
          minRows={5}
          maxRows={20}
          validationError="This is not JSON."
          value={text}
          onChange={(value) => {
            setText(value);
            onChange(jsonIn(value));
          }}
        />
      )}
    </Stack>
  );
};

const Fields = ({
  rubric,
  onChange,
}: {
  readonly rubric: Rubric;
  readonly onChange: (rubric: Rubric) => void;
}) => (
  <Stack gap="sm">
    <TextInput
      label="Name of the rubric"
      description="The same name again makes its next version."
      required
      value={rubric.name}
      onChange={(event) => onChange({ ...rubric, name: event.currentTarget.value })}
    />
    <Textarea
      label="Guideline"
      description="Markdown."
      required
      autosize
      minRows={3}
      value={rubric.guideline}
      onChange={(event) => onChange({ ...rubric, guideline: event.currentTarget.value })}
    />
    {rubric.criteria.map((criterion, at) => (
      <CriterionFields
        key={at}
        place={at + 1}
        criterion={criterion}
        onChange={(to) => onChange({ ...rubric, criteria: replaced(rubric.criteria, at, to) })}
        onRemove={() => onChange({ ...rubric, criteria: replaced(rubric.criteria, at) })}
      />
    ))}
    <Group>
      <Button
        variant="default"
        onClick={() => onChange({ ...rubric, criteria: [...rubric.criteria, newCriterion] })}
      >
        Add a criterion
      </Button>
    </Group>
  </Stack>
);

const CriterionFields = ({
  place,
  criterion,
  onChange,
  onRemove,
}: {
  readonly place: number;
  readonly criterion: Criterion;
  readonly onChange: (criterion: Criterion) => void;
  readonly onRemove: () => void;
}) => {
  const { name, description, scale, weight, examples } = criterion;
  const [example, setExample] = useState<Example>({ response: '', value: scale.most, because: '' });
  return (
    <Fieldset legend={`Criterion ${place}`}>
      <Stack gap="sm">
        <Group grow align="end">
          <TextInput
            label="Name"
            required
            value={name}
            onChange={(event) => onChange({ ...criterion, name: event.currentTarget.value })}
          />
          <NumberInput
            label="From"
            value={scale.least}
            onChange={(least) => onChange({ ...criterion, scale: { ...scale, least: Number(least) } })}
          />
          <NumberInput
            label="To"
            value={scale.most}
            onChange={(most) => onChange({ ...criterion, scale: { ...scale, most: Number(most) } })}
          />
          <NumberInput
            label="Weight"
            min={0.01}
            step={0.5}
            value={weight}
            onChange={(to) => onChange({ ...criterion, weight: Number(to) })}
          />
        </Group>
        <TextInput
          label="What it asks"
          value={description}
          onChange={(event) => onChange({ ...criterion, description: event.currentTarget.value })}
        />
        {examples.map((one, at) => (
          <Group key={at} justify="space-between" wrap="nowrap">
            <Text size="sm" lineClamp={2}>
              {one.value}: {one.response} — {one.because}
            </Text>
            <Button
              variant="subtle"
              size="compact-sm"
              onClick={() => onChange({ ...criterion, examples: replaced(examples, at) })}
            >
              Remove example {at + 1}
            </Button>
          </Group>
        ))}
        <Group grow align="end">
          <TextInput
            label="Worked example"
            value={example.response}
            onChange={(event) => setExample({ ...example, response: event.currentTarget.value })}
          />
          <TextInput
            label="Because"
            value={example.because}
            onChange={(event) => setExample({ ...example, because: event.currentTarget.value })}
          />
          <NumberInput
            label="Its value"
            value={example.value}
            onChange={(value) => setExample({ ...example, value: Number(value) })}
          />
        </Group>
        <Group justify="space-between">
          <Button
            variant="default"
            disabled={example.response === '' || example.because === ''}
            onClick={() => {
              onChange({ ...criterion, examples: [...examples, example] });
              setExample({ response: '', value: scale.most, because: '' });
            }}
          >
            Add the example
          </Button>
          <Button variant="subtle" color="red" onClick={onRemove}>
            Remove criterion {place}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
};
