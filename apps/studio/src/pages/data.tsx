/** @file Data: datasets and what was brought into them, snapshots and whether their gates pass. */
import {
  Badge,
  Button,
  FileInput,
  Group,
  MultiSelect,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Command, Empty, Failed, Page, Waiting } from '../shell/states.tsx';
import { Id, Part, State, To, When } from '../shell/words.tsx';

export const Data = () => {
  const project = useProject();
  const role = useRole();
  const datasets = useAsk('listDatasets', { params: { project } });
  const snapshots = useAsk('listSnapshots', { params: { project } });
  return (
    <Page
      title="Data"
      about="Judgements are kept for ever as they were given. A snapshot is what a model is trained on: the same rows, the same id, on any machine."
    >
      <Answered of={datasets} what="datasets">
        {({ datasets: all }) =>
          all.length === 0 ? (
            <Empty title="No dataset yet">
              Label something, import a file below, or from a terminal:
              <Command>plaudit data import --help</Command>
            </Empty>
          ) : (
            <Part title="Datasets">
              <Rows
                label="Datasets"
                rows={all}
                keyOf={({ id }) => id}
                columns={[
                  { title: 'Name', show: ({ name }) => name, by: ({ name }) => name },
                  {
                    title: 'Rows',
                    show: ({ rows }) => rows.toLocaleString(),
                    isNumber: true,
                    by: ({ rows }) => rows,
                  },
                  {
                    title: 'Made',
                    show: ({ createdAt }) => <When at={createdAt} />,
                    by: ({ createdAt }) => String(createdAt),
                  },
                ]}
              />
            </Part>
          )
        }
      </Answered>
      {mayManage(role) && (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <ImportFile />
          <NewSnapshot datasets={datasets.data?.datasets.map(({ name }) => name) ?? []} />
        </SimpleGrid>
      )}
      <Part title="Snapshots">
        <Answered of={snapshots} what="snapshots">
          {({ snapshots: all }) => (
            <Rows
              label="Snapshots"
              rows={all}
              keyOf={({ id }) => id}
              none="No snapshot yet: make one of one or more datasets."
              columns={[
                {
                  title: 'Snapshot',
                  show: ({ id }) => (
                    <To path={`data/${id}`}>
                      <Id of={id} />
                    </To>
                  ),
                },
                {
                  title: 'Tags',
                  show: ({ tags }) => (
                    <Group gap={4}>
                      {tags.map((tag) => (
                        <Badge
                          key={tag}
                          variant="outline"
                          color="gray"
                          c="var(--mantine-color-text)"
                          tt="none"
                        >
                          {tag}
                        </Badge>
                      ))}
                    </Group>
                  ),
                },
                {
                  title: 'Rows',
                  show: ({ rows }) => rows.toLocaleString(),
                  isNumber: true,
                  by: ({ rows }) => rows,
                },
                { title: 'Of', show: ({ query }) => query.datasets.join(', ') },
                {
                  title: 'Gates',
                  show: ({ blocking }) =>
                    blocking === null ? 'not asked' : <State of={blocking.length === 0 ? 'pass' : 'fail'} />,
                },
                {
                  title: 'Made',
                  show: ({ createdAt }) => <When at={createdAt} />,
                  by: ({ createdAt }) => String(createdAt),
                },
              ]}
            />
          )}
        </Answered>
      </Part>
    </Page>
  );
};

const ImportFile = () => {
  const project = useProject();
  const bring = useDo('importFile');
  const [dataset, setDataset] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [personalData, setPersonalData] = useState<'scrub' | 'keep'>('scrub');
  return (
    <Part title="Import a file">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (file)
            bring.mutate({
              params: { project, dataset },
              query: { name: file.name, personalData },
              body: file,
            });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Into the dataset"
            required
            value={dataset}
            onChange={(event) => setDataset(event.currentTarget.value)}
          />
          <FileInput
            label="File"
            description="JSONL, JSON, CSV or Parquet, packed with gzip or zstd or not."
            placeholder="Choose a file"
            required
            value={file}
            onChange={setFile}
          />
          <Select
            label="Personal data"
            data={[
              { value: 'scrub', label: 'Replace what is found' },
              { value: 'keep', label: 'Keep it as it is' },
            ]}
            value={personalData}
            allowDeselect={false}
            onChange={(value) => setPersonalData(value as 'scrub' | 'keep')}
          />
          <Group>
            <Button type="submit" loading={bring.isPending} disabled={!file}>
              Import
            </Button>
          </Group>
          {bring.isPending && <Waiting what="The file is read and checked, row by row" />}
          {bring.isError && <Failed error={bring.error} />}
          {bring.data && (
            <div role="status">
              <Text size="sm">
                {bring.data.added} rows added, {bring.data.known} known already, {bring.data.rejected} set
                aside.
              </Text>
              {bring.data.rejects.slice(0, 5).map(({ row, message }) => (
                <Text size="sm" c="dimmed" key={`${row} ${message}`}>
                  Row {row}: {message}
                </Text>
              ))}
            </div>
          )}
        </Stack>
      </form>
    </Part>
  );
};

const NewSnapshot = ({ datasets }: { readonly datasets: readonly string[] }) => {
  const project = useProject();
  const navigate = useNavigate();
  const make = useDo('createSnapshot');
  const [chosen, setChosen] = useState<string[]>([]);
  const [tag, setTag] = useState('');
  return (
    <Part title="Make a snapshot">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate(
            { params: { project }, body: { datasets: chosen, ...(tag !== '' && { tag }) } },
            {
              onSuccess: ({ id }) =>
                void navigate({ to: '/p/$project/data/$snapshot', params: { project, snapshot: id } }),
            },
          );
        }}
      >
        <Stack gap="sm">
          <MultiSelect label="Of the datasets" data={[...datasets]} value={chosen} onChange={setChosen} />
          <TextInput
            label="Tag"
            description="A name that can be moved to a later snapshot."
            value={tag}
            onChange={(event) => setTag(event.currentTarget.value)}
          />
          <Group>
            <Button type="submit" loading={make.isPending} disabled={chosen.length === 0}>
              Make it
            </Button>
          </Group>
          {make.isPending && <Waiting what="Rows are fixed and hashed" />}
          {make.isError && <Failed error={make.error} />}
        </Stack>
      </form>
    </Part>
  );
};
