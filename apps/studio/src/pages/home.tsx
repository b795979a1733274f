/** @file The start: one project is opened, several are listed, and where there is none, one is made. */
import { Button, Card, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useDo } from '../api.ts';
import { useMe } from '../shell/session.ts';
import { Empty, Failed, Page } from '../shell/states.tsx';

export const Home = () => {
  const { data: me } = useMe();
  const projects = me?.projects ?? [];
  if (!me) return null;
  if (projects.length === 1 && !me.administrator)
    return <Navigate to="/p/$project/label" params={{ project: projects[0]!.project }} />;
  return (
    <Page
      title="Projects"
      about="A project is the border of access: its data, models and people are its own."
    >
      {projects.length === 0 && !me.administrator && (
        <Empty title="No project yet">Ask the owner of a project for an invitation.</Empty>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }}>
        {projects.map(({ project, role }) => (
          <Card
            key={project}
            withBorder
            renderRoot={(props) => <Link {...props} to="/p/$project/label" params={{ project }} />}
          >
            <Text fw={600}>{project}</Text>
            <Text size="sm" c="dimmed">
              {role}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
      {me.administrator && <NewProject />}
    </Page>
  );
};

const NewProject = () => {
  const [name, setName] = useState('');
  const create = useDo('createProject');
  const navigate = useNavigate();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(
          { body: { name } },
          {
            onSuccess: ({ name: made }) =>
              void navigate({ to: '/p/$project/label', params: { project: made } }),
          },
        );
      }}
    >
      <Stack maw={420}>
        <Group align="end">
          <TextInput
            label="New project"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            flex={1}
          />
          <Button type="submit" loading={create.isPending}>
            Make it
          </Button>
        </Group>
        {create.isError && <Failed error={create.error} />}
      </Stack>
    </form>
  );
};
