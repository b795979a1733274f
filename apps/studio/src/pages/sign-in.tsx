/** @file Signing in, and one-time links: the first owner, invitations, a lost password. */
import { Anchor, Box, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { client } from '../api.ts';
import { forgetAnswers, useMe } from '../shell/session.ts';
import { Failed, Loading } from '../shell/states.tsx';

const Frame = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => {
  useEffect(() => {
    document.title = `${title} · Plaudit`;
  }, [title]);
  return (
    <Box component="main" maw={420} mx="auto" px="md" py={{ base: 'xl', sm: 96 }}>
      <Paper withBorder p="xl" radius="md" shadow="sm">
        <Title order={1} size="h3" mb="md">
          {title}
        </Title>
        {children}
      </Paper>
    </Box>
  );
};

/** A form that does one thing: while it does it, and when that fails, it says so. */
const useSubmit = (work: () => Promise<void>) => {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    work()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return { busy, error, submit };
};

export const SignIn = () => {
  const navigate = useNavigate();
  const { to } = useSearch({ strict: false }) as { to?: string };
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { busy, error, submit } = useSubmit(async () => {
    await client.call('signIn', { body: { email, password } });
    await forgetAnswers();
    await navigate({ href: to?.startsWith('/p/') ? to : '/' });
  });
  return (
    <Frame title="Sign in">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {error !== undefined && <Failed error={error} />}
          <Button type="submit" loading={busy}>
            Sign in
          </Button>
          <Text size="sm" c="dimmed">
            No account yet? The owner of a project invites you with a link. The first owner finds theirs where
            <code> plaudit start</code> was run.
          </Text>
        </Stack>
      </form>
    </Frame>
  );
};

type Opened = Result<'openLink'>;

/** The page of `/join#token`: the secret stays behind the #, where no server sees it before it is used. */
export const Join = () => {
  const [token] = useState(() => location.hash.slice(1));
  const [opened, setOpened] = useState<Opened>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    client.call('openLink', { body: { token } }).then(setOpened).catch(setError);
  }, [token]);
  if (error !== undefined)
    return (
      <Frame title="This link cannot be used">
        <Stack>
          <Failed error={error} />
          <Anchor href="/sign-in">Sign in instead</Anchor>
        </Stack>
      </Frame>
    );
  if (!opened)
    return (
      <Frame title="Opening the link">
        <Loading what="the link" />
      </Frame>
    );
  return opened.opens === 'password' ? (
    <NewPassword token={token} />
  ) : (
    <NewAccount token={token} opened={opened} />
  );
};

const NewPassword = ({ token }: { readonly token: string }) => {
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const { busy, error, submit } = useSubmit(async () => {
    await client.call('resetPassword', { body: { token, password } });
    await forgetAnswers();
    await navigate({ to: '/' });
  });
  return (
    <Frame title="Choose a new password">
      <form onSubmit={submit}>
        <Stack>
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {error !== undefined && <Failed error={error} />}
          <Button type="submit" loading={busy}>
            Set it and sign in
          </Button>
        </Stack>
      </form>
    </Frame>
  );
};

const NewAccount = ({ token, opened }: { readonly token: string; readonly opened: Opened }) => {
  const navigate = useNavigate();
  const me = useMe();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const finish = async (): Promise<void> => {
    await forgetAnswers();
    await navigate({ href: opened.project ? `/p/${encodeURIComponent(opened.project)}/label` : '/' });
  };
  const { busy, error, submit } = useSubmit(async () => {
    await client.call('acceptInvitation', { body: { token, account: { email, name, password } } });
    await finish();
  });
  const asMyself = useSubmit(async () => {
    await client.call('acceptInvitation', { body: { token } });
    await finish();
  });
  const isFirst = opened.opens === 'installation';
  return (
    <Frame
      title={isFirst ? 'Become the owner of this installation' : `Join ${opened.project ?? 'the project'}`}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {isFirst
            ? 'This link works once. The account that you make may do everything, in every project.'
            : `You are invited as ${opened.role}.`}
        </Text>
        {!isFirst && me.data && (
          <form onSubmit={asMyself.submit}>
            <Button type="submit" fullWidth variant="default" loading={asMyself.busy}>
              Join as {me.data.name}
            </Button>
          </form>
        )}
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Name"
              autoComplete="name"
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              description="Long is better than complicated."
              autoComplete="new-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {(error ?? asMyself.error) !== undefined && <Failed error={error ?? asMyself.error} />}
            <Button type="submit" loading={busy}>
              Make the account
            </Button>
          </Stack>
        </form>
      </Stack>
    </Frame>
  );
};
