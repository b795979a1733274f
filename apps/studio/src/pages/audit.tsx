/** @file Audit: who did what, in a chain of hashes that is verified at the press of a button. */
import { Alert, Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useAsk } from '../api.ts';
import { useChoice } from '../shell/address.ts';
import { Rows } from '../shell/rows.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Command, Empty, Page } from '../shell/states.tsx';
import { Document, Id, Part, When } from '../shell/words.tsx';

/** Milliseconds after the last key before the server is asked. */
const quiet = 300;

export const Audit = () => (
  <Page
    title="Audit"
    about="Every change with who made it. Each entry holds the hash of the one before it: what is altered or taken out is found."
  >
    <Chain />
    <Entries />
  </Page>
);

const Chain = () => {
  const project = useProject();
  const verdict = useAsk('verifyAudit', { params: { project } });
  return (
    <Part title="The chain">
      <Stack gap="sm" align="start">
        <Answered of={verdict} what="the chain; it is gone through from the first entry to the last">
          {(found) =>
            found.intact ? (
              <Alert variant="outline" color="green" title="The chain is intact" role="status" w="100%">
                <Text size="sm">
                  {found.entries.toLocaleString()} entries were verified from the first to the last,{' '}
                  {new Date(verdict.dataUpdatedAt).toLocaleTimeString()}. The last hash, to keep elsewhere,
                  shows later that nothing was cut off:
                </Text>
                <Code style={{ overflowWrap: 'anywhere' }}>{found.last}</Code>
              </Alert>
            ) : (
              <Alert variant="outline" color="red" role="alert" title="The chain is broken" w="100%">
                Entry {found.seq} is not what it was. Keep the database as it is and compare it with a backup.
              </Alert>
            )
          }
        </Answered>
        <Button variant="default" loading={verdict.isFetching} onClick={() => void verdict.refetch()}>
          Verify again
        </Button>
        <Text size="sm" c="dimmed" component="div">
          Whoever does not believe this server verifies a copy of the log by themselves:
          <Command>plaudit audit verify --help</Command>
        </Text>
      </Stack>
    </Part>
  );
};

const Entries = () => {
  const project = useProject();
  const [holding, setHolding] = useChoice<string>('holding', '');
  const [typed, setTyped] = useState(holding);
  const [settled] = useDebouncedValue(typed, quiet);
  const [before, setBefore] = useState<readonly number[]>([]);
  useEffect(() => {
    setHolding(settled);
    setBefore([]);
  }, [settled, setHolding]);
  const at = before.at(-1);
  const entries = useAsk('listAudit', {
    params: { project },
    query: { limit: 50, ...(at !== undefined && { before: at }), ...(holding !== '' && { holding }) },
  });
  return (
    <Part title="Entries">
      <Stack gap="sm">
        <TextInput
          label="With this in who, what or on what"
          placeholder="deployment., user:, bundle …"
          maw={420}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Answered of={entries} what="the audit log">
          {({ entries: all, next }) =>
            all.length === 0 && holding === '' && before.length === 0 ? (
              <Empty title="Nothing has been changed yet">The first change writes the first entry.</Empty>
            ) : (
              <>
                <Rows
                  label="Entries of the audit log"
                  rows={all}
                  keyOf={({ seq }) => String(seq)}
                  none="No entry holds that."
                  columns={[
                    { title: 'No.', show: ({ seq }) => seq, isNumber: true, by: ({ seq }) => seq },
                    { title: 'When', show: ({ at: when }) => <When at={when} /> },
                    { title: 'Who', show: ({ actor }) => <Code>{actor}</Code>, by: ({ actor }) => actor },
                    { title: 'What', show: ({ action }) => action, by: ({ action }) => action },
                    {
                      title: 'On',
                      show: ({ resource, details }) => (
                        <>
                          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                            {resource}
                          </Text>
                          {Object.keys(details).length > 0 && (
                            <details>
                              <summary>Details</summary>
                              <Document of={details} label={`Details of ${resource}`} />
                            </details>
                          )}
                        </>
                      ),
                      by: ({ resource }) => resource,
                    },
                    { title: 'Hash', show: ({ hash }) => <Id of={hash} /> },
                  ]}
                />
                <Group>
                  <Button
                    variant="default"
                    disabled={before.length === 0}
                    onClick={() => setBefore(before.slice(0, -1))}
                  >
                    Later
                  </Button>
                  <Button
                    variant="default"
                    disabled={next === null}
                    onClick={() => next !== null && setBefore([...before, next])}
                  >
                    Earlier
                  </Button>
                </Group>
              </>
            )
          }
        </Answered>
      </Stack>
    </Part>
  );
};
