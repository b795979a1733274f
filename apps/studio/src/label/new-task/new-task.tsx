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
import { useAsk, useDo } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Failed, Page } from '../../shell/states.tsx';
import { hasModel } from '../live.tsx';
import { kindNames } from '../tasks.tsx';
import { CheckFields, type Checks } from './check-fields.tsx';
import { jsonIn } from './json.ts';
import { RubricFields } from './rubric-fields.tsx';

type NewTaskBody = Input<'createLabellingTask'>['body'];
type Kind = NewTaskBody['kind'];

const sample = `[
  { "prompt": "Why is the sky blue?",
    "responses": ["Air scatters blue light most.", "Because of the sea."] }
]`;

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
  const [rubric, setRubric] = useState<unknown>();
  const [checks, setChecks] = useState<Checks>({});
  const [encoder, setEncoder] = useState('');
  const [redundancy, setRedundancy] = useState<string | number>(1);
  const [control, setControl] = useState<string | number>(10);
  const [asks, setAsks] = useState('overall');
  const [order, setOrder] = useState('uniform');
  const [annotators, setAnnotators] = useState<string[]>([]);
  const isRubricNeeded = kind === 'rating' || (kind === 'pairwise' && asks === 'criteria');
  const isReadable =
    (from !== 'items' || jsonIn(items) != null) &&
    rubric !== null &&
    checks.gold !== null &&
    checks.attention !== null;
  const submit = (): void => {
    const body = {
      name,
      kind,
      ...(kind === 'pairwise' && { asks }),
      ...(hasModel(kind) && { order, ...(encoder !== '' && { encoder }) }),
      redundancy: Number(redundancy),
      control: Number(control) / 100,
      annotators,
      ...(from === 'items' ? { items: jsonIn(items) } : { snapshot }),
      ...(rubric !== undefined && { rubric }),
      ...checks,
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
          <RubricFields isNeeded={isRubricNeeded} onChange={setRubric} />
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
          {hasModel(kind) && (
            <TextInput
              label="Checkpoint of the live model"
              description="models/NAME, a folder in the store's models. None: it reads the words and the form of the texts."
              value={encoder}
              onChange={(event) => setEncoder(event.currentTarget.value)}
            />
          )}
          <CheckFields onChange={setChecks} />
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
              The items, the rubric or the checks are not JSON yet.
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
