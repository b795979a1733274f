/** @file What a page shows before, instead of and for want of its content. */
import { Alert, Button, Code, Group, Paper, Progress, Skeleton, Stack, Text, Title } from '@mantine/core';
import { ApiError } from '@plaudit/sdk';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';

/** Seconds since the component was first shown. */
const useSeconds = (): number => {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return seconds;
};

/** Grey lines where the content will be; after a second it says what is waited for and for how long. */
export const Loading = ({ what }: { readonly what: string }) => {
  const seconds = useSeconds();
  return (
    <Stack gap="sm" role="status" aria-live="polite" aria-label={`Loading ${what}`}>
      {[70, 95, 85, 40].map((width) => (
        <Skeleton key={width} height={18} width={`${width}%`} />
      ))}
      {seconds >= 1 && (
        <>
          <Progress value={100 * (1 - 1 / (1 + seconds / 5))} size="sm" aria-label={`Loading ${what}`} />
          <Text size="sm" c="dimmed">
            Loading {what}, {seconds} s
            {seconds >= 10
              ? '. The server takes longer than usual; nothing is lost by waiting or reloading.'
              : ''}
          </Text>
        </>
      )}
    </Stack>
  );
};

/** Beside a button whose work takes longer than a second: what is done meanwhile, and for how long. */
export const Waiting = ({ what }: { readonly what: string }) => {
  const seconds = useSeconds();
  if (seconds < 1) return null;
  return (
    <Stack gap={4} role="status" w="100%">
      <Progress value={100 * (1 - 1 / (1 + seconds / 5))} size="sm" aria-label={what} />
      <Text size="sm" c="dimmed">
        {what}, {seconds} s
      </Text>
    </Stack>
  );
};

/** What happened and what to do about it, in the words of the error table. */
export const Failed = ({ error, again }: { readonly error: unknown; readonly again?: () => void }) => {
  const known = error instanceof ApiError ? error : undefined;
  return (
    <Alert
      color="red"
      variant="outline"
      title={known?.message ?? 'Something in the studio went wrong.'}
      role="alert"
    >
      <Stack gap="xs" align="start">
        <Text size="sm">{known?.cure ?? 'Reload the page. If it stays so, report what you did.'}</Text>
        <Group gap="sm">
          {again && (
            <Button size="xs" variant="default" onClick={again}>
              Try again
            </Button>
          )}
          <Code>{known?.code ?? String(error instanceof Error ? error.message : error)}</Code>
        </Group>
      </Stack>
    </Alert>
  );
};

/** Nothing is there yet: why, and the next step. */
export const Empty = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Paper withBorder p="xl" radius="md">
    <Stack gap="xs" align="start" maw={640}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" component="div">
        {children}
      </Text>
    </Stack>
  </Paper>
);

/** A command to copy. */
export const Command = ({ children }: { readonly children: string }) => (
  <Code block mt="xs" tabIndex={0}>
    {children}
  </Code>
);

/** The content of a query, or one of the states above. */
export const Answered = <T,>({
  of,
  what,
  children,
}: {
  readonly of: UseQueryResult<T, Error>;
  /** What is loaded, such as `snapshots`. */
  readonly what: string;
  readonly children: (answer: T) => ReactNode;
}): ReactNode => {
  if (of.data !== undefined && of.data !== null)
    return (
      <>
        {of.isError && <Failed error={of.error} again={() => void of.refetch()} />}
        {children(of.data)}
      </>
    );
  if (of.isError) return <Failed error={of.error} again={() => void of.refetch()} />;
  return <Loading what={what} />;
};

/** A page's heading, what it is for, and what can be done on it. */
export const Page = ({
  title,
  about,
  actions,
  children,
}: {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) => {
  useEffect(() => {
    document.title = `${title} · Plaudit`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="end" gap="sm">
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {about && (
            <Text c="dimmed" size="sm" maw={720}>
              {about}
            </Text>
          )}
        </div>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
};
