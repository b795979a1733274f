/** @file Lineage as a drawing: what something was made from and what was made of it, from left to right, and the same as a list. */
import { Anchor, Box, Group, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { Link } from '@tanstack/react-router';
import { useAsk } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { Part } from '../../shell/words.tsx';

type Subject = { readonly snapshot: string } | { readonly run: string } | { readonly model: string };
type Found = Result<'getLineage'>;

interface Kin {
  readonly id: string;
  readonly label: string;
  /** Of its page in the project; none where it has no page of its own. */
  readonly path: string | null;
  readonly isSubject: boolean;
}

interface Column {
  readonly title: string;
  readonly kin: readonly Kin[];
}

const shortened = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 10) : id.slice(-10));

/** More than this in one column are counted and not drawn. */
const mostDrawn = 8;

/** The stages in the order in which one makes the other; empty ones are left out. */
const columnsOf = (subject: Subject, { upstream, downstream }: Found): readonly Column[] => {
  const [[kind, own]] = Object.entries(subject) as [[string, string]];
  const stage = (title: string, of: string, ids: readonly string[], path: string | null): Column => ({
    title,
    kin: [...new Set([...(kind === of ? [own] : []), ...ids])].map((id) => ({
      ...{ id, isSubject: id === own, label: path === 'roll-outs' ? id : shortened(id) },
      path: path === null ? null : path === 'roll-outs' ? path : `${path}/${id}`,
    })),
  });
  const both = (pick: (of: NonNullable<Found['upstream']>) => readonly string[]) => [
    ...(upstream ? pick(upstream) : []),
    ...(downstream ? pick(downstream) : []),
  ];
  return [
    stage(
      'Snapshots',
      'snapshot',
      both(({ snapshots }) => snapshots),
      'data',
    ),
    stage(
      'Runs',
      'run',
      both(({ runs }) => runs),
      'runs',
    ),
    stage(
      'Models',
      'model',
      both(({ models }) => models),
      'models',
    ),
    stage('Bundles', 'bundle', downstream?.bundles ?? [], 'roll-outs/bundles'),
    stage('Deployments', 'deployment', downstream?.deployments ?? [], 'roll-outs'),
  ].filter(({ kin }) => kin.length > 0);
};

export const Lineage = ({ of }: { readonly of: Subject }) => {
  const project = useProject();
  const lineage = useAsk('getLineage', { params: { project }, query: of });
  return (
    <Part title="Lineage">
      <Answered of={lineage} what="the lineage">
        {(found) => {
          const columns = columnsOf(of, found);
          const alone = columns.length === 1 && columns[0]!.kin.length === 1;
          return (
            <Stack gap="sm">
              {alone ? (
                <Text c="dimmed">Nothing on record was made of it, or it of anything.</Text>
              ) : (
                <Graph columns={columns} />
              )}
            </Stack>
          );
        }}
      </Answered>
    </Part>
  );
};

const [columnWidth, rowHeight, boxWidth, boxHeight, top] = [190, 44, 130, 30, 28];

const Graph = ({ columns }: { readonly columns: readonly Column[] }) => {
  const drawn = columns.map(({ kin }) => kin.slice(0, mostDrawn));
  const height = top + rowHeight * Math.max(...drawn.map(({ length }) => length)) + 10;
  const middle = (column: number, row: number) => ({
    x: column * columnWidth,
    y: top + rowHeight * (row + 0.5) + (height - top - 10 - rowHeight * drawn[column]!.length) / 2,
  });
  return (
    <>
      <Box style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label="Lineage, drawn">
        <svg width={columnWidth * columns.length} height={height} aria-hidden="true" className="lineage">
          {drawn.slice(1).map((_, at) => (
            <Edges
              key={at}
              from={drawn[at]!.map((_, row) => middle(at, row))}
              to={drawn[at + 1]!.map((_, row) => middle(at + 1, row))}
            />
          ))}
          {columns.map(({ title, kin }, column) => (
            <g key={title}>
              <text x={column * columnWidth} y="14" fontSize="12" fontWeight="600" fill="currentColor">
                {title}
                {kin.length > mostDrawn ? ` (${kin.length})` : ''}
              </text>
              {drawn[column]!.map(({ id, label, isSubject }, row) => {
                const { x, y } = middle(column, row);
                return (
                  <g key={id}>
                    <rect
                      x={x + 1}
                      y={y - boxHeight / 2}
                      width={boxWidth - 2}
                      height={boxHeight}
                      rx="6"
                      fill="var(--mantine-color-body)"
                      stroke="currentColor"
                      strokeWidth={isSubject ? 2.5 : 1}
                    />
                    <text x={x + 10} y={y + 4} fontSize="12" fontFamily="monospace" fill="currentColor">
                      {label.length > 14 ? `${label.slice(0, 13)}…` : label}
                    </text>
                  </g>
                );
              })}
            </g>
          ))}
        </svg>
      </Box>
      {columns.map(({ title, kin }) => (
        <Kinship key={title} title={title} kin={kin} />
      ))}
    </>
  );
};

interface Place {
  readonly x: number;
  readonly y: number;
}

/** One line to each, where one side is one thing; else what came of which is not told, and one line joins the stages. */
const Edges = ({ from, to }: { readonly from: readonly Place[]; readonly to: readonly Place[] }) => {
  const meanOf = (places: readonly Place[]): Place => ({
    x: places[0]!.x,
    y: places.reduce((sum, { y }) => sum + y, 0) / places.length,
  });
  const isTold = from.length === 1 || to.length === 1;
  const [starts, ends] = isTold ? [from, to] : [[meanOf(from)], [meanOf(to)]];
  return starts.flatMap((a, i) =>
    ends.map((b, j) => {
      const [x, turn] = [a.x + boxWidth, (columnWidth - boxWidth) / 2];
      return (
        <path
          key={`${i} ${j}`}
          d={`M${x} ${a.y} C${x + turn} ${a.y} ${b.x - turn} ${b.y} ${b.x} ${b.y}`}
          fill="none"
          stroke="currentColor"
          strokeOpacity="0.5"
          strokeWidth={isTold ? 1 : 4}
        />
      );
    }),
  );
};

const Kinship = ({ title, kin }: Column) => {
  const project = useProject();
  return (
    <Group gap={6}>
      <Text size="sm">{title}:</Text>
      {kin.map(({ id, label, path, isSubject }) =>
        isSubject || path === null ? (
          <Text key={id} size="sm" ff="monospace">
            {label}
            {isSubject && ' (this)'}
          </Text>
        ) : (
          <Anchor
            key={id}
            size="sm"
            ff="monospace"
            underline="always"
            title={id}
            renderRoot={(props) => <Link {...props} to={`/p/$project/${path}`} params={{ project }} />}
          >
            {label}
          </Anchor>
        ),
      )}
    </Group>
  );
};
