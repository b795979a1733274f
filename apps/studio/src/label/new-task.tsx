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
  const [annotators, setAnnotators] = useState<string[]>([]);
  const isReadable =
    (from !== 'items' || parsed(items) !== undefined) && (rubric === '' || parsed(rubric) !== undefined);
  const submit = (): void => {
    const body = {
      name,
      kind,
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
          <TextInput
            label="Name"
            description="Its judgements go to the dataset of this name."
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
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
            <TextInput
              label="Snapshot"
              description="Its id or a tag: each prompt is judged anew with all its responses."
              required
              value={snapshot}
              onChange={(event) => setSnapshot(event.currentTarget.value)}
            />
          )}
          <JsonInput
            label="Rubric"
            description={kind === 'rating' ? 'Needed for ratings.' : 'Optional: shown beside each item.'}
            placeholder={sampleRubric}
            autosize
            minRows={5}
            maxRows={20}
            validationError="This is not JSON."
            value={rubric}
            onChange={setRubric}
          />
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
