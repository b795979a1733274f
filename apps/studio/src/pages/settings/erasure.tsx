/** @file Erasing a person on request: what holds them is taken out, and what was trained on it is named. */
import { Alert, Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useDo } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Failed, Waiting } from '../../shell/states.tsx';
import { Id, Part, To } from '../../shell/words.tsx';

export const Erasure = () => {
  const project = useProject();
  const erase = useDo('erasePerson');
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const [isSure, setSure] = useState(false);
  const report = erase.data;
  return (
    <Part title="Erase a person">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          erase.mutate(
            { params: { project }, body: { subject, ...(reason !== '' && { reason }) } },
            { onSuccess: () => setSure(false) },
          );
        }}
      >
        <Stack gap="sm" maw={560}>
          <Text size="sm">
            Their judgements, prompts and keys are erased for ever; snapshots that held them get successors,
            and what was trained on these is marked.
          </Text>
          <TextInput
            label="Address, number or other identifier"
            required
            autoComplete="off"
            value={subject}
            onChange={(event) => setSubject(event.currentTarget.value)}
          />
          <TextInput
            label="Reason"
            placeholder="request of the person"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Checkbox
            label="I know that this cannot be undone"
            checked={isSure}
            onChange={(event) => setSure(event.currentTarget.checked)}
          />
          <Group>
            <Button type="submit" color="red.8" disabled={!isSure} loading={erase.isPending}>
              Erase
            </Button>
          </Group>
          {erase.isPending && <Waiting what="Every table is gone through" />}
          {erase.isError && <Failed error={erase.error} />}
          {report && (
            <Alert role="status" variant="outline" title="Erased">
              <Text size="sm">
                {report.judgements} judgements, {report.prompts} prompts, {report.responses} responses,{' '}
                {report.impressions} impressions and {report.vaultKeys + report.vaultEntries} keys;{' '}
                {report.snapshots.length} snapshots were touched.
              </Text>
              {report.models.length > 0 && (
                <Text size="sm">
                  Trained on them:{' '}
                  {report.models.map((id) => (
                    <span key={id}>
                      <To path={`models/${id}`}>
                        <Id of={id} />
                      </To>{' '}
                    </span>
                  ))}
                </Text>
              )}
            </Alert>
          )}
        </Stack>
      </form>
    </Part>
  );
};
