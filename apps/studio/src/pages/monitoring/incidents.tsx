/** @file Incidents: what has been found, and what has been made of it. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { Rows } from '../../shell/rows.tsx';
import { mayRead, useProject, useRole } from '../../shell/session.ts';
import { Answered, Failed } from '../../shell/states.tsx';
import { Part, State, When } from '../../shell/words.tsx';

type Incident = Result<'listIncidents'>['incidents'][number];

export const Incidents = () => {
  const project = useProject();
  const incidents = useAsk('listIncidents', { params: { project } }, { every: 15_000 });
  return (
    <Part title="Incidents">
      <Answered of={incidents} what="incidents">
        {({ incidents: all }) => (
          <Rows
            label="Incidents"
            rows={all}
            keyOf={({ id }) => id}
            none="None has been opened."
            columns={[
              { title: 'What', show: ({ title }) => title, by: ({ title }) => title },
              { title: 'Kind', show: ({ kind }) => kind, by: ({ kind }) => kind },
              {
                title: 'Severity',
                show: ({ severity }) => severity,
                isNumber: true,
                by: ({ severity }) => severity,
              },
              { title: 'State', show: ({ state }) => <State of={state} />, by: ({ state }) => state },
              {
                title: 'Opened',
                show: ({ openedAt }) => <When at={openedAt} />,
                by: ({ openedAt }) => String(openedAt),
              },
              { title: 'Do', show: (incident) => <Handling incident={incident} /> },
            ]}
          />
        )}
      </Answered>
    </Part>
  );
};

const Handling = ({ incident: { id, state, title, resolution } }: { readonly incident: Incident }) => {
  const project = useProject();
  const role = useRole();
  const acknowledge = useDo('acknowledgeIncident');
  const resolve = useDo('resolveIncident');
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState('');
  if (state === 'resolved') return <Text size="sm">{resolution}</Text>;
  if (!mayRead(role) || role === 'viewer') return null;
  const params = { project, incident: id };
  return (
    <Group gap="xs">
      {state === 'open' && (
        <Button
          size="xs"
          variant="default"
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate({ params })}
        >
          I look at it
        </Button>
      )}
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        Resolve
      </Button>
      {acknowledge.isError && <Failed error={acknowledge.error} />}
      <Modal opened={open} onClose={() => setOpen(false)} title={title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            resolve.mutate({ params, body: { resolution: said } }, { onSuccess: () => setOpen(false) });
          }}
        >
          <Stack>
            <TextInput
              label="What it was, and what has been done"
              required
              data-autofocus
              value={said}
              onChange={(event) => setSaid(event.currentTarget.value)}
            />
            {resolve.isError && <Failed error={resolve.error} />}
            <Button type="submit" loading={resolve.isPending}>
              Resolve
            </Button>
          </Stack>
        </form>
      </Modal>
    </Group>
  );
};
