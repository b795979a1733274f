/** @file Audit: who did what, in a chain of hashes that the page verifies. */
import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useAsk } from '../api.ts';
import { Rows } from '../shell/rows.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Empty, Failed, Page } from '../shell/states.tsx';
import { Id, Part, When } from '../shell/words.tsx';

export const Audit = () => {
  const project = useProject();
  const [before, setBefore] = useState<readonly number[]>([]);
  const at = before.at(-1);
  const entries = useAsk('listAudit', {
    params: { project },
    query: { limit: 50, ...(at !== undefined && { before: at }) },
  });
  const verdict = useAsk('verifyAudit', { params: { project } });
  return (
    <Page
      title="Audit"
      about="Every change with who made it. Each entry holds the hash of the one before it: what is altered or taken out is found."
    >
      {verdict.isError && <Failed error={verdict.error} again={() => void verdict.refetch()} />}
      {verdict.data &&
        (verdict.data.intact ? (
          <Alert variant="outline" color="green" title="The chain is intact" role="status">
            {verdict.data.entries} entries were verified from the first to the last.
          </Alert>
        ) : (
          <Alert variant="outline" color="red" title="The chain is broken">
            Entry {verdict.data.seq} is not what it was. Keep the database as it is and compare it with a
            backup.
          </Alert>
        ))}
      <Answered of={entries} what="the audit log">
        {({ entries: all, next }) =>
          all.length === 0 ? (
            <Empty title="Nothing has been changed yet">The first change writes the first entry.</Empty>
          ) : (
            <Part title="Entries">
              <Stack gap="sm">
                <Rows
                  label="Entries of the audit log"
                  rows={all}
                  keyOf={({ seq }) => String(seq)}
                  columns={[
                    { title: 'No.', show: ({ seq }) => seq, isNumber: true },
                    { title: 'When', show: ({ at: when }) => <When at={when} /> },
                    { title: 'Who', show: ({ actor }) => <Code>{actor}</Code> },
                    { title: 'What', show: ({ action }) => action },
                    {
                      title: 'On',
                      show: ({ resource }) => (
                        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                          {resource}
                        </Text>
                      ),
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
              </Stack>
            </Part>
          )
        }
      </Answered>
    </Page>
  );
};
