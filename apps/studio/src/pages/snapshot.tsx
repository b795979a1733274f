/** @file A snapshot: its gates with reasons, how it differs from another one, what it was made from and what from it. */
import { Button, Code, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { shown } from '../chart/series.ts';
import { useChoice } from '../shell/address.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Failed, Page } from '../shell/states.tsx';
import { Part, State, When } from '../shell/words.tsx';
import { Lineage } from './lineage/lineage.tsx';

type Gate = Result<'getGates'>['gates'][number];

export const SnapshotPage = () => {
  const project = useProject();
  const { snapshot } = useParams({ strict: false }) as { snapshot: string };
  const found = useAsk('getSnapshot', { params: { project, snapshot } });
  return (
    <Answered of={found} what="the snapshot">
      {(answer) => (
        <Page
          title={`Snapshot ${answer.tags[0] ?? answer.id.slice(0, 10)}`}
          about={
            <>
              {answer.rows.toLocaleString()} rows of {answer.query.datasets.join(', ')}, made{' '}
              <When at={answer.createdAt} />
              {answer.erasedRows > 0 && `; ${answer.erasedRows} rows have been erased since`}
            </>
          }
        >
          <Text size="sm">
            Id <Code style={{ overflowWrap: 'anywhere' }}>{answer.id}</Code>
          </Text>
          <Gates snapshot={answer.id} />
          <Difference snapshot={answer.id} parent={answer.parent} />
          <Lineage of={{ snapshot: answer.id }} />
          <Tags snapshot={answer.id} tags={answer.tags} />
        </Page>
      )}
    </Answered>
  );
};

const measured = ({ value, unit, interval }: Gate): string => {
  if (value === null) return '';
  const tell = (one: number): string => (unit === 'share' ? `${shown(100 * one)} %` : shown(one));
  return interval ? `${tell(value)} (${tell(interval[0])} to ${tell(interval[1])})` : tell(value);
};

/** What fails comes first. */
const order = ['fail', 'warn', 'pass', 'not_applicable'];

const Gates = ({ snapshot }: { readonly snapshot: string }) => {
  const project = useProject();
  const gates = useAsk('getGates', { params: { project, snapshot } });
  return (
    <Part title="Gates">
      <Answered of={gates} what="the gates; they read every row">
        {({ gates: all, blocking, kinds }) => (
          <Stack gap="md">
            <Text>
              {blocking.length === 0
                ? 'No required gate fails: models may be trained on this snapshot.'
                : `Required and failing: ${blocking.join(', ')}. Training refuses this snapshot unless told otherwise.`}
            </Text>
            <Text size="sm" c="dimmed">
              {Object.entries(kinds)
                .map(([kind, count]) => `${count.toLocaleString()} of kind ${kind}`)
                .join(', ')}
            </Text>
            <Rows
              label="Gates"
              rows={[...all].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))}
              keyOf={({ name }) => name}
              columns={[
                {
                  title: 'Gate',
                  show: ({ title, required }) => (
                    <>
                      {title}
                      {required && (
                        <Text span size="xs" c="dimmed">
                          {' '}
                          required
                        </Text>
                      )}
                    </>
                  ),
                },
                { title: 'Verdict', show: ({ verdict }) => <State of={verdict} /> },
                { title: 'Measured', show: measured },
                {
                  title: 'Why, and what to do',
                  show: ({ reason, fix, verdict }) => (
                    <>
                      <Text size="sm">{reason}</Text>
                      {(verdict === 'fail' || verdict === 'warn') && (
                        <Text size="sm" c="dimmed">
                          {fix}
                        </Text>
                      )}
                    </>
                  ),
                },
              ]}
            />
          </Stack>
        )}
      </Answered>
    </Part>
  );
};

const changes = ['added', 'removed', 'judged otherwise', 'said otherwise'];
const tellChange = (at: number): string => changes[at - 1] ?? '';

const Difference = ({ snapshot, parent }: { readonly snapshot: string; readonly parent: string | null }) => {
  const project = useProject();
  const [chosen, choose] = useChoice<string>('since', parent ?? '');
  const from = chosen === '' ? null : chosen;
  const { data } = useAsk('listSnapshots', { params: { project } });
  const difference = useAsk(
    'diffSnapshots',
    { params: { project, snapshot: from ?? '', to: snapshot } },
    { enabled: from !== null },
  );
  const others = (data?.snapshots ?? []).filter(({ id }) => id !== snapshot);
  return (
    <Part title="What has changed">
      <Stack gap="sm">
        <Select
          label="Since the snapshot"
          placeholder={others.length === 0 ? 'There is no other one' : 'Choose one'}
          maw={420}
          data={others.map(({ id, tags, rows }) => ({
            value: id,
            label: `${tags[0] ?? id.slice(0, 10)}, ${rows.toLocaleString()} rows`,
          }))}
          value={from}
          onChange={(value) => choose(value ?? '')}
        />
        {from !== null && (
          <Answered of={difference} what="the difference">
            {({ counts, unchanged }) => (
              <Chart
                as="bars"
                height={180}
                caption={`${counts.added} rows added, ${counts.removed} removed, ${counts.relabelled} judged otherwise, ${counts.restated} said otherwise, ${unchanged} unchanged`}
                xLabel="what has changed"
                tellX={tellChange}
                yLabel="rows"
                series={[
                  {
                    name: 'rows',
                    points: [counts.added, counts.removed, counts.relabelled, counts.restated].map(
                      (y, at) => ({
                        x: at + 1,
                        y,
                      }),
                    ),
                  },
                ]}
              />
            )}
          </Answered>
        )}
      </Stack>
    </Part>
  );
};

const Tags = ({ snapshot, tags }: { readonly snapshot: string; readonly tags: readonly string[] }) => {
  const project = useProject();
  const role = useRole();
  const set = useDo('setTag');
  const [tag, setTag] = useState('');
  return (
    <Part title="Tags">
      <Stack gap="sm">
        <Text size="sm">{tags.length === 0 ? 'None.' : tags.join(', ')}</Text>
        {mayManage(role) && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              set.mutate({ params: { project, tag }, body: { snapshot } });
            }}
          >
            <Group align="end">
              <TextInput
                label="Tag it"
                required
                value={tag}
                onChange={(event) => setTag(event.currentTarget.value)}
              />
              <Button type="submit" variant="default" loading={set.isPending}>
                Set
              </Button>
            </Group>
          </form>
        )}
        {set.isError && <Failed error={set.error} />}
      </Stack>
    </Part>
  );
};
