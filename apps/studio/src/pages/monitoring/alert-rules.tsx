/** @file Alert rules: what is watched and how it stands; made, changed, tried, silenced and removed. */
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { shown } from '../../chart/series.ts';
import { Rows } from '../../shell/rows.tsx';
import { mayManage, mayReview, useProject, useRole } from '../../shell/session.ts';
import { Answered, Failed } from '../../shell/states.tsx';
import { Part, State, When } from '../../shell/words.tsx';
import { draftOf, type GivenRule, toldRule } from './alert-rule-draft.ts';
import { AlertRuleForm } from './alert-rule-form.tsx';
import { hour } from './range.ts';

type Rule = Result<'listAlertRules'>['rules'][number];

/** What is open in the dialog: a new rule, or one that is changed. */
type Editing = { readonly of: Rule | null } | null;

export const AlertRules = ({ deployments }: { readonly deployments: readonly string[] }) => {
  const project = useProject();
  const role = useRole();
  const rules = useAsk('listAlertRules', { params: { project } }, { every: 15_000 });
  const [editing, setEditing] = useState<Editing>(null);
  const create = useDo('createAlertRule');
  const change = useDo('changeAlertRule');
  const close = (): void => {
    setEditing(null);
    create.reset();
    change.reset();
  };
  const save = (name: string, rule: GivenRule): void => {
    const done = { onSuccess: close };
    if (editing?.of) change.mutate({ params: { project, rule: editing.of.id }, body: rule }, done);
    else create.mutate({ params: { project }, body: { name, rule } }, done);
  };
  return (
    <Part title="Alert rules">
      <Stack gap="sm" align="stretch">
        <Answered of={rules} what="alert rules">
          {({ rules: all }) => (
            <Rows
              label="Alert rules"
              rows={all}
              keyOf={({ id }) => id}
              none="No rule yet: nobody is told of anything but what is on this page."
              columns={[
                {
                  title: 'Rule',
                  show: ({ name, rule }) => (
                    <>
                      <Text size="sm" fw={600}>
                        {name}
                      </Text>
                      <Text size="sm" c="dimmed">
                        {toldRule(rule)}
                      </Text>
                    </>
                  ),
                  by: ({ name }) => name,
                },
                {
                  title: 'State',
                  show: ({ state }) => <State of={state.condition} />,
                  by: ({ state }) => state.condition,
                },
                {
                  title: 'Value',
                  isNumber: true,
                  show: ({ state: { value, n } }) => (
                    <>
                      {value === null ? '' : shown(value)}
                      <Text size="xs" c="dimmed">
                        n {n.toLocaleString()}
                      </Text>
                    </>
                  ),
                },
                { title: 'Told', show: (rule) => <Silence rule={rule} /> },
                ...(mayManage(role)
                  ? [
                      {
                        title: 'Do',
                        show: (rule: Rule) => <Doing rule={rule} onChange={() => setEditing({ of: rule })} />,
                      },
                    ]
                  : []),
              ]}
            />
          )}
        </Answered>
        {mayManage(role) && (
          <Group>
            <Button variant="default" onClick={() => setEditing({ of: null })}>
              Make a rule
            </Button>
          </Group>
        )}
      </Stack>
      <Modal
        opened={editing !== null}
        onClose={close}
        size="lg"
        title={editing?.of ? `Change ${editing.of.name}` : 'A new alert rule'}
      >
        {editing && (
          <AlertRuleForm
            key={editing.of?.id ?? 'new'}
            draft={draftOf(editing.of, deployments)}
            isNew={editing.of === null}
            deployments={deployments}
            isPending={create.isPending || change.isPending}
            error={create.error ?? change.error}
            onSave={save}
          />
        )}
      </Modal>
    </Part>
  );
};

const Silence = ({ rule: { id, name, silencedUntil } }: { readonly rule: Rule }) => {
  const project = useProject();
  const role = useRole();
  const silence = useDo('silenceAlertRule');
  const isSilent = silencedUntil !== null && Date.parse(String(silencedUntil)) > Date.now();
  return (
    <Stack gap={4} align="start">
      {isSilent && (
        <Text size="sm">
          silent until <When at={silencedUntil} />
        </Text>
      )}
      {(mayManage(role) || mayReview(role)) && (
        <Button
          size="xs"
          variant="default"
          aria-label={`${isSilent ? 'Tell again' : 'Silence for an hour'}: ${name}`}
          loading={silence.isPending}
          onClick={() =>
            silence.mutate({
              params: { project, rule: id },
              body: { until: isSilent ? null : new Date(Date.now() + hour).toISOString() },
            })
          }
        >
          {isSilent ? 'Tell again' : 'Silence for an hour'}
        </Button>
      )}
      {silence.isError && <Failed error={silence.error} />}
    </Stack>
  );
};

const Doing = ({ rule, onChange }: { readonly rule: Rule; readonly onChange: () => void }) => {
  const project = useProject();
  const [isSure, setSure] = useState(false);
  const trial = useDo('tryAlertRule');
  const remove = useDo('removeAlertRule');
  const params = { project, rule: rule.id };
  const channels = Array.isArray(rule.rule.channels) ? rule.rule.channels.length : 0;
  return (
    <Stack gap={4} align="start">
      <Group gap="xs">
        <Button size="xs" variant="default" aria-label={`Change: ${rule.name}`} onClick={onChange}>
          Change
        </Button>
        {channels > 0 && (
          <Button
            size="xs"
            variant="default"
            aria-label={`Send a trial: ${rule.name}`}
            loading={trial.isPending}
            onClick={() => trial.mutate({ params })}
          >
            Send a trial
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          aria-label={`${isSure ? 'Yes, remove it' : 'Remove'}: ${rule.name}`}
          loading={remove.isPending}
          onClick={() => (isSure ? remove.mutate({ params }) : setSure(true))}
          onBlur={() => setSure(false)}
        >
          {isSure ? 'Yes, remove it' : 'Remove'}
        </Button>
      </Group>
      {(trial.isError || remove.isError) && <Failed error={trial.error ?? remove.error} />}
      {trial.data && (
        <Alert variant="outline" role="status" p="xs" title="The trial">
          {trial.data.channels.map(({ to, problem }, at) => (
            <Text size="sm" key={at}>
              {to}: {problem === null ? 'delivered' : `not delivered, ${problem}`}
            </Text>
          ))}
        </Alert>
      )}
    </Stack>
  );
};
