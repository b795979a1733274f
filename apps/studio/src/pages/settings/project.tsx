/** @file Settings of a project: who has to approve, how exact golden scores are, what is kept for how long, and personal data. */
import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { useProject, useRole } from '../../shell/session.ts';
import { Answered, Failed } from '../../shell/states.tsx';
import { Part } from '../../shell/words.tsx';

type Kept = Result<'getProject'>['settings'];

/** What holds where nothing is set. */
const defaults = { parityTolerance: 0.02, observationDays: 400, personalData: 'mark' } as const;

export const ProjectSettings = () => {
  const project = useProject();
  const found = useAsk('getProject', { params: { project } });
  return (
    <Part title="Project">
      <Answered of={found} what="the settings">
        {({ settings }) => <SettingsForm key={JSON.stringify(settings)} settings={settings} />}
      </Answered>
    </Part>
  );
};

const SettingsForm = ({ settings }: { readonly settings: Kept }) => {
  const project = useProject();
  const isOwner = useRole() === 'owner';
  const change = useDo('changeSettings');
  const [fourEyes, setFourEyes] = useState(settings.fourEyes ?? false);
  const [tolerance, setTolerance] = useState<number | string>(settings.parityTolerance ?? '');
  const [observations, setObservations] = useState<number | string>(settings.observationDays ?? '');
  const [impressions, setImpressions] = useState<number | string>(settings.impressionDays ?? '');
  const [personalData, setPersonalData] = useState(settings.personalData ?? null);
  const given = (value: number | string): number | null => (typeof value === 'number' ? value : null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({
          params: { project },
          body: {
            ...{ fourEyes, parityTolerance: given(tolerance), personalData },
            ...{ observationDays: given(observations), impressionDays: given(impressions) },
          },
        });
      }}
    >
      <Stack gap="md">
        <Switch
          label="A bundle needs the approval of somebody other than its maker before it serves"
          checked={fourEyes}
          disabled={!isOwner}
          onChange={(event) => setFourEyes(event.currentTarget.checked)}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label="Golden scores may differ by"
            description="In standard deviations of the golden scores."
            placeholder={String(defaults.parityTolerance)}
            min={0}
            max={10}
            step={0.01}
            disabled={!isOwner}
            value={tolerance}
            onChange={setTolerance}
          />
          <Select
            label="Personal data in feedback"
            description="Before its texts are stored."
            placeholder="Marked, and stays"
            clearable
            disabled={!isOwner}
            data={[
              { value: 'replace', label: 'is replaced by pseudonyms' },
              { value: 'mark', label: 'is marked, and stays' },
              { value: 'off', label: 'is not looked for' },
            ]}
            value={personalData}
            onChange={(value) => setPersonalData(value as typeof personalData)}
          />
          <NumberInput
            label="Days that scores are kept"
            description="What was scored, with which reward and how quickly: drift and roll-outs read it."
            placeholder={String(defaults.observationDays)}
            min={1}
            max={36_500}
            disabled={!isOwner}
            value={observations}
            onChange={setObservations}
          />
          <NumberInput
            label="Days that impressions are kept"
            description="What users were shown and did; judgements that were made of it stay."
            placeholder="For ever"
            min={1}
            max={36_500}
            disabled={!isOwner}
            value={impressions}
            onChange={setImpressions}
          />
        </SimpleGrid>
        {change.isError && <Failed error={change.error} />}
        {isOwner && (
          <Group>
            <Button type="submit" variant="default" loading={change.isPending}>
              Keep these settings
            </Button>
            {change.isSuccess && (
              <Text size="sm" role="status">
                Kept.
              </Text>
            )}
          </Group>
        )}
      </Stack>
    </form>
  );
};
