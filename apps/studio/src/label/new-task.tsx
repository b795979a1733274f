/** @file A new labelling task, from pasted prompts and responses or from a snapshot. */
import {
  Alert,
  Button,
  Group,
  JsonInput,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import type { Input } from '@plaudit/sdk';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { useProject } from '../shell/session.ts';
import { Failed, Page } from '../shell/states.tsx';
import { hasModel } from './live.tsx';
import { kindNames } from './tasks.tsx';

type NewTaskBody = Input<'createLabellingTask'>['body'];
type Kind = NewTaskBody['kind'];

const sample = `[
  { "prompt": "Why is the sky blue?",
    "responses": ["Air scatters blue light most.", "Because of the sea."] }
]`;
const sampleRubric = `{
  "name": "helpfulness",
  "guideline": "Read the prompt twice.",
  "criteria": [
    { "name": "correctness", "description": "Is it true?", "scale": { "least": 0, "most": 4 },
      "examples": [{ "response": "9 is prime.", "value": 0, "because": "9 = 3 * 3" }] }
  ]
}`;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A text that has to be given. */
const Line = ({
  onChange,
  ...field
}: {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) => <TextInput {...field} required onChange={(event) => onChange(event.currentTarget.value)} />;

export const NewTask = () => {
  const project = useProject();
  const navigate = useNavigate();
  const members = useAsk('listMembers', { params: { project } });
  const create = useDo('createLabellingTask');
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('pairwise');
  const [from, setFrom] = useState('items');
  const [items, setItems] = useState(sample);
  const [snapshot, setSnapshot] = useState('');
  const [rubric, setRubric] = useState('');
  const [redundancy, setRedundancy] = useState<string | number>(1);
  const [control, setControl] = useState<string | number>(10);
  const [asks, setAsks] = useState('overall');
  const [order, setOrder] = useState('uniform');
  const [annotators, setAnnotators] = useState<string[]>([]);
  const isRubricNeeded = kind === 'rating' || (kind === 'pairwise' && asks === 'criteria');
  const isReadable =
    (from !== 'items' || parsed(items) !== undefined) && (rubric === '' || parsed(rubric) !== undefined);
  const submit = (): void => {
    const body = {
      name,
      kind,
      ...(kind === 'pairwise' && { asks }),
      ...(hasModel(kind) && { order }),
      redundancy: Number(redundancy),
      control: Number(control) / 100,
      annotators,
      ...(from === 'items' ? { items: parsed(items) } : { snapshot }),
      ...(rubric !== '' && { rubric: parsed(rubric) }),
    } as NewTaskBody;
    create.mutate(
      { params: { project }, body },
      { onSuccess: () => void navigate({ to: '/p/$project/label', params: { project } }) },
    );
  };
  return (
    <Page title="New labelling task" about="What is to be judged, how, how often and by whom.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack maw={760}>
          <Line
            label="Name"
            description="Its judgements go to the dataset of this name."
            value={name}
            onChange={setName}
          />
          <Select
            label="Kind"
            data={Object.entries(kindNames).map(([value, label]) => ({ value, label }))}
            value={kind}
            allowDeselect={false}
            onChange={(value) => setKind(value as Kind)}
          />
          <div>
            <Text size="sm" fw={500} mb={4} id="from-label">
              From
            </Text>
            <SegmentedControl
              aria-labelledby="from-label"
              data={[
                { value: 'items', label: 'Prompts and responses' },
                { value: 'snapshot', label: 'A snapshot' },
              ]}
              value={from}
              onChange={setFrom}
            />
          </div>
          {from === 'items' ? (
            <JsonInput
              label="Items"
              description="A JSON list; two responses each for a comparison, three or more for a ranking, else one."
              autosize
              minRows={6}
              maxRows={20}
              formatOnBlur={false}
              validationError="This is not JSON."
              value={items}
              onChange={setItems}
            />
          ) : (
            <Line
              label="Snapshot"
              description="Its id or a tag: each prompt is judged anew with all its responses."
              value={snapshot}
              onChange={setSnapshot}
            />
          )}
          <JsonInput
            label="Rubric"
            description={
              isRubricNeeded ? 'Needed: its criteria are asked for.' : 'Optional: shown beside each item.'
            }
            required={isRubricNeeded}
            placeholder={sampleRubric}
            autosize
            minRows={5}
            maxRows={20}
            validationError="This is not JSON."
            value={rubric}
            onChange={setRubric}
          />
          {kind === 'pairwise' && (
            <Select
              label="Asks for"
              data={[
                { value: 'overall', label: 'The better one overall' },
                { value: 'criteria', label: 'The better one on each criterion of the rubric' },
              ]}
              value={asks}
              allowDeselect={false}
              onChange={(value) => setAsks(value ?? 'overall')}
            />
          )}
          {hasModel(kind) && (
            <Select
              label="Order"
              description="Where the model asks, one showing of four stays random, so that its accuracy is that on all items."
              data={[
                { value: 'uniform', label: 'Random' },
                { value: 'entropy', label: 'What the model doubts first' },
              ]}
              value={order}
              allowDeselect={false}
              onChange={(value) => setOrder(value ?? 'uniform')}
            />
          )}
          <Group grow align="end">
            <NumberInput
              label="People per item"
              min={1}
              max={20}
              value={redundancy}
              onChange={setRedundancy}
            />
            <NumberInput label="Random slice, %" min={0} max={100} value={control} onChange={setControl} />
          </Group>
          <MultiSelect
            label="Annotators"
            description="Nobody chosen: everyone who labels in this project."
            data={(members.data?.members ?? []).map((one) => ({
              value: `user:${one.user}`,
              label: one.name,
            }))}
            value={annotators}
            onChange={setAnnotators}
          />
          {!isReadable && (
            <Alert color="red" variant="outline">
              The items or the rubric are not JSON yet.
            </Alert>
          )}
          {create.isError && <Failed error={create.error} />}
          <Group>
            <Button type="submit" loading={create.isPending} disabled={!isReadable}>
              Make the task
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  );
};
