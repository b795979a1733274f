/** @file Small things that many pages show: times, ids, states, parts of a page. */
import { Anchor, Badge, Code, Paper, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useProject } from './session.ts';

/** A time in the reader's own zone; times come as ISO 8601. */
export const When = ({ at }: { readonly at: unknown }) =>
  typeof at === 'string' ? (
    <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
      {new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
    </time>
  ) : null;

/** The start of an id; the whole is in the title. */
export const Id = ({ of }: { readonly of: string }) => (
  <Code title={of}>{/^[0-9a-f]{64}$/.test(of) ? of.slice(0, 10) : of.slice(-10)}</Code>
);

/** A link to a page of the project, with what is chosen there. */
export const To = ({
  path,
  search,
  children,
}: {
  readonly path: string;
  readonly search?: Readonly<Record<string, string | number>>;
  readonly children: ReactNode;
}) => {
  const project = useProject();
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(props) => (
        <Link
          {...props}
          to={`/p/$project/${path}`}
          params={{ project }}
          {...(search && { search: search as never })}
        />
      )}
    >
      {children}
    </Anchor>
  );
};

const good = new Set([
  'pass',
  'finished',
  'production',
  'promoted',
  'resolved',
  'running',
  'ok',
  'holds',
  'better',
  'as planned',
]);
const bad = new Set([
  'fail',
  'failed',
  'rolled_back',
  'open',
  'firing',
  'no data',
  'should pause',
  'crossed',
]);

/** A state in its word and, beside it, a colour: never by colour alone. */
export const State = ({ of }: { readonly of: string }) => (
  <Badge
    variant="outline"
    color={bad.has(of) ? 'red' : good.has(of) ? 'green' : 'gray'}
    c="var(--mantine-color-text)"
    style={{ textTransform: 'none', minWidth: 'max-content' }}
  >
    {of.replaceAll('_', ' ')}
  </Badge>
);

export const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Paper withBorder p="md" radius="md" component="section" aria-label={title}>
    <Title order={2} size="h4" mb="sm">
      {title}
    </Title>
    {children}
  </Paper>
);

/** Settings, cards and other documents: as they are. */
export const Document = ({ of, label }: { readonly of: unknown; readonly label: string }) => (
  <Code block tabIndex={0} role="group" aria-label={label} mah={420} style={{ overflow: 'auto' }}>
    {JSON.stringify(of, null, 2)}
  </Code>
);
