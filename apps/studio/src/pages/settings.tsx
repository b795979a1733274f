/** @file Settings: the own account, and for owners members, invitations and keys of the project. */
import {
  Alert,
  Badge,
  Button,
  Code,
  CopyButton,
  Group,
  PasswordInput,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { mayRead, mayReview, type Role, useMe, useProject, useRole } from '../shell/session.ts';
import { Answered, Failed, Page } from '../shell/states.tsx';
import { Part } from '../shell/words.tsx';
import { Erasure } from './settings/erasure.tsx';
import { ProjectSettings } from './settings/project.tsx';

const roles: readonly Role[] = ['owner', 'engineer', 'reviewer', 'annotator', 'viewer'];
const day = (at: string): string => new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });

export const Settings = () => {
  const role = useRole();
  return (
    <Page title="Settings">
      <Account />
      {mayRead(role) && <Members mayChange={role === 'owner'} />}
      {mayReview(role) && <Annotators />}
      {role === 'owner' && <Keys />}
      {mayRead(role) && <ProjectSettings />}
      {role === 'owner' && <Erasure />}
    </Page>
  );
};

const Account = () => {
  const { data: me } = useMe();
  const change = useDo('changePassword');
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  return (
    <Part title="Your account">
      <Text>
        {me?.name}{' '}
        <Text span c="dimmed">
          {me?.email}
        </Text>
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ body: { current, password } });
        }}
      >
        <Stack maw={420} mt="md" gap="sm">
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {change.isError && <Failed error={change.error} />}
          {change.isSuccess && <Text role="status">Changed. All other sessions have ended.</Text>}
          <Group>
            <Button type="submit" variant="default" loading={change.isPending}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Part>
  );
};

const Members = ({ mayChange }: { readonly mayChange: boolean }) => {
  const project = useProject();
  const members = useAsk('listMembers', { params: { project } });
  const change = useDo('changeMember');
  const remove = useDo('removeMember');
  const invite = useDo('invite');
  const [role, setRole] = useState<Role>('annotator');
  return (
    <Part title="Members">
      <Answered of={members} what="members">
        {({ members: all }) =>
          all.length === 0 ? (
            <Text c="dimmed">Nobody but those who administer the installation. Invite somebody below.</Text>
          ) : (
            <Table.ScrollContainer minWidth={420}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>E-mail</Table.Th>
                    <Table.Th>Role</Table.Th>
                    <Table.Th>Since</Table.Th>
                    {mayChange && <Table.Th>Change</Table.Th>}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((member) => (
                    <Table.Tr key={member.user}>
                      <Table.Td>{member.name}</Table.Td>
                      <Table.Td>{member.email}</Table.Td>
                      <Table.Td>
                        {mayChange ? (
                          <Select
                            aria-label={`Role of ${member.name}`}
                            size="xs"
                            w={120}
                            data={[...roles]}
                            value={member.role}
                            allowDeselect={false}
                            onChange={(value) =>
                              change.mutate({
                                params: { project, user: member.user },
                                body: { role: value as Role },
                              })
                            }
                          />
                        ) : (
                          member.role
                        )}
                      </Table.Td>
                      <Table.Td>{day(member.createdAt)}</Table.Td>
                      {mayChange && (
                        <Table.Td>
                          <Button
                            size="xs"
                            variant="default"
                            aria-label={`Remove ${member.name}`}
                            onClick={() => remove.mutate({ params: { project, user: member.user } })}
                          >
                            Remove
                          </Button>
                        </Table.Td>
                      )}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Answered>
      {(change.isError || remove.isError) && <Failed error={change.error ?? remove.error} />}
      {mayChange && (
        <Stack gap="sm" mt="md">
          <Group align="end">
            <Select
              label="Invite a"
              data={[...roles]}
              value={role}
              allowDeselect={false}
              onChange={(value) => setRole(value as Role)}
            />
            <Button
              loading={invite.isPending}
              onClick={() => invite.mutate({ params: { project }, body: { role } })}
            >
              Make a link
            </Button>
          </Group>
          {invite.isError && <Failed error={invite.error} />}
          {invite.data && <Secret what="Send this link; it works once." text={invite.data.link} />}
        </Stack>
      )}
    </Part>
  );
};

/** What is shown once. */
const Secret = ({ what, text }: { readonly what: string; readonly text: string }) => (
  <Alert variant="outline" color="indigo" title={what}>
    <Group gap="sm">
      <Code style={{ overflowWrap: 'anywhere' }}>{text}</Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="compact-sm" variant="default" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  </Alert>
);

const Annotators = () => {
  const project = useProject();
  const annotators = useAsk('listAnnotators', { params: { project } });
  const resume = useDo('resumeAnnotator');
  const paused = annotators.data?.annotators.filter(({ pausedAt }) => pausedAt !== null) ?? [];
  return (
    <Part title="Paused annotators">
      {annotators.isError ? (
        <Failed error={annotators.error} />
      ) : paused.length === 0 ? (
        <Text c="dimmed">Nobody is paused. Who fails on reference items pauses by themselves.</Text>
      ) : (
        <Stack gap="xs">
          {paused.map(({ name, pauseReason }) => (
            <Group key={name} justify="space-between">
              <div>
                <Code>{name}</Code>
                <Text size="sm" c="dimmed">
                  {pauseReason}
                </Text>
              </div>
              <Button
                size="xs"
                variant="default"
                loading={resume.isPending}
                onClick={() => resume.mutate({ params: { project }, body: { name } })}
              >
                Let them go on
              </Button>
            </Group>
          ))}
        </Stack>
      )}
    </Part>
  );
};

const Keys = () => {
  const project = useProject();
  const keys = useAsk('listKeys', { params: { project } });
  const create = useDo('createKey');
  const revoke = useDo('revokeKey');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('engineer');
  return (
    <Part title="Keys for programs">
      <Answered of={keys} what="keys">
        {({ keys: all }) =>
          all.length === 0 ? (
            <Text c="dimmed">No key yet. A program that scores, or logs runs, needs one.</Text>
          ) : (
            <Table.ScrollContainer minWidth={420}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Begins with</Table.Th>
                    <Table.Th>Role</Table.Th>
                    <Table.Th>Made</Table.Th>
                    <Table.Th>State</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((key) => (
                    <Table.Tr key={key.id}>
                      <Table.Td>{key.name}</Table.Td>
                      <Table.Td>
                        <Code>{key.start}</Code>
                      </Table.Td>
                      <Table.Td>{key.role}</Table.Td>
                      <Table.Td>{day(key.createdAt)}</Table.Td>
                      <Table.Td>
                        {key.revokedAt ? (
                          <Badge variant="outline" color="gray" c="var(--mantine-color-text)">
                            revoked
                          </Badge>
                        ) : (
                          <Button
                            size="xs"
                            variant="default"
                            aria-label={`Revoke ${key.name}`}
                            onClick={() => revoke.mutate({ params: { project, key: key.id } })}
                          >
                            Revoke
                          </Button>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Answered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ params: { project }, body: { name, role } });
        }}
      >
        <Group align="end" mt="md">
          <TextInput
            label="Name of the key"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label="Role"
            data={[...roles]}
            value={role}
            allowDeselect={false}
            onChange={(value) => setRole(value as Role)}
          />
          <Button type="submit" loading={create.isPending}>
            Make a key
          </Button>
        </Group>
      </form>
      {(create.isError || revoke.isError) && <Failed error={create.error ?? revoke.error} />}
      {create.data && <Secret what="Copy the key now; it is not shown again." text={create.data.key} />}
    </Part>
  );
};
