/** @file The frame of every page: sections, project, person, light and dark. */
import {
  AppShell,
  Box,
  Burger,
  Button,
  Group,
  Menu,
  NavLink,
  Select,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useLayoutEffect, useState } from 'react';
import { client } from '../api.ts';
import { outbox } from '../label/outbox.ts';
import { OutboxStatus } from '../label/outbox-status.tsx';
import { sections } from './sections.ts';
import { forgetAnswers, useMe, useProject, useRole } from './session.ts';
import { Empty, Failed, Loading } from './states.tsx';

const Mark = () => (
  <Group gap={8} wrap="nowrap">
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4263eb" />
      <path
        d="M9 17l5 5 9-11"
        stroke="#fff"
        strokeWidth="4"
        fill="none"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
    <Text fw={700} size="lg" visibleFrom="xs">
      Plaudit
    </Text>
  </Group>
);

const SchemeSwitch = () => {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'light' ? 'dark' : 'light';
  return (
    <Button
      variant="subtle"
      color="gray"
      c="var(--mantine-color-text)"
      size="compact-sm"
      px={6}
      onClick={() => setColorScheme(other)}
      aria-label={`Switch to ${other} colours`}
      title={`Switch to ${other} colours`}
    >
      {scheme === 'light' ? '☾' : '☀'}
    </Button>
  );
};

/** Once, and from where one was when it was found out: the address changes before this page goes. */
const AskToSignIn = () => {
  const navigate = useNavigate();
  const [from] = useState(() => location.pathname);
  useEffect(() => {
    void navigate({ to: '/sign-in', search: { to: from }, replace: true });
  }, [navigate, from]);
  return null;
};

/** Everything but signing in: asks who is there first. */
export const Shell = () => {
  const me = useMe();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  const project = useProject();
  const role = useRole();
  const navigate = useNavigate();
  const actor = me.data?.actor ?? null;
  // Before any page of the project asks what to label next.
  useLayoutEffect(() => outbox.actAs(actor), [actor]);
  if (me.isPending)
    return (
      <Box p="xl" maw={600} mx="auto">
        <Loading what="your account" />
      </Box>
    );
  if (me.isError)
    return (
      <Box p="xl" maw={600} mx="auto">
        <Failed error={me.error} again={() => void me.refetch()} />
      </Box>
    );
  if (me.data === null) return <AskToSignIn />;
  const { projects, name } = me.data;
  const isMember = projects.some((one) => one.project === project);
  const signOut = async (): Promise<void> => {
    await client.call('signOut', {});
    await forgetAnswers();
    await navigate({ to: '/sign-in' });
  };
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className="skip-link" href="#page">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? 'Close the sections' : 'Open the sections'}
              aria-expanded={opened}
            />
            <Mark />
            <Select
              aria-label="Project"
              size="xs"
              w={{ base: 130, xs: 190 }}
              placeholder="Choose a project"
              data={projects.map((one) => one.project)}
              value={isMember ? project : null}
              allowDeselect={false}
              comboboxProps={{ width: 220, position: 'bottom-start' }}
              onChange={(chosen) =>
                chosen && void navigate({ to: '/p/$project/label', params: { project: chosen } })
              }
            />
          </Group>
          <Group gap={4} wrap="nowrap">
            <OutboxStatus />
            <SchemeSwitch />
            <Menu position="bottom-end">
              <Menu.Target>
                <Button
                  variant="subtle"
                  color="gray"
                  c="var(--mantine-color-text)"
                  size="compact-sm"
                  aria-label={`Account of ${name}`}
                >
                  <Text size="sm" truncate maw={{ base: 70, xs: 160 }}>
                    {name}
                  </Text>
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {role && <Menu.Label c="dimmed">{role} of this project</Menu.Label>}
                <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Sections">
        {isMember &&
          sections
            .filter(({ forAnnotators }) => forAnnotators || role !== 'annotator')
            .map(({ path, title }) => {
              const isHere = pathname.startsWith(`/p/${encodeURIComponent(project)}/${path}`);
              return (
                <NavLink
                  key={path}
                  label={title}
                  active={isHere}
                  variant="filled"
                  aria-current={isHere ? 'page' : undefined}
                  onClick={close}
                  renderRoot={(props) => <Link {...props} to={`/p/$project/${path}`} params={{ project }} />}
                />
              );
            })}
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        {project !== '' && !isMember ? (
          <Empty title="This project is not yours to see">
            Choose one of your projects above, or ask its owner for an invitation.
          </Empty>
        ) : (
          <Outlet />
        )}
      </AppShell.Main>
    </AppShell>
  );
};
