/** @file A table of rows, its columns as data: it is sorted by the head of a column, and long ones are shown in portions. */
import { Button, Table, Text, UnstyledButton } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';

export interface Column<Row> {
  readonly title: string;
  readonly show: (row: Row) => ReactNode;
  /** Numbers stand at the end of their column. */
  readonly isNumber?: boolean;
  /** What rows are sorted by; without it the column cannot be sorted by. What is null comes last. */
  readonly by?: (row: Row) => string | number | null;
}

interface Order {
  readonly title: string;
  readonly isDescending: boolean;
}

/** Rows that are shown at first, and that a press of the button adds. */
const portion = 100;

const inOrder = <Row,>(
  rows: readonly Row[],
  by: Column<Row>['by'],
  isDescending: boolean,
): readonly Row[] => {
  if (!by) return rows;
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a, b] = [by(one), by(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return (
      sign * (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b)))
    );
  });
};

export const Rows = <Row,>({
  label,
  rows,
  columns,
  keyOf,
  none = 'None.',
}: {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** What is said where there are no rows. */
  readonly none?: string;
}) => {
  const [order, setOrder] = useState<Order | null>(null);
  const [most, setMost] = useState(portion);
  const sorted = useMemo(
    () =>
      inOrder(rows, columns.find(({ title }) => title === order?.title)?.by, order?.isDescending ?? false),
    [rows, columns, order],
  );
  if (rows.length === 0) return <Text c="dimmed">{none}</Text>;
  return (
    <>
      <Table.ScrollContainer
        minWidth={110 * columns.length}
        type="native"
        tabIndex={0}
        role="group"
        aria-label={label}
      >
        <Table highlightOnHover verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Head key={column.title} column={column} order={order} onOrder={setOrder} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.slice(0, most).map((row) => (
              <Table.Tr key={keyOf(row)}>
                {columns.map(({ title, show, isNumber }) => (
                  <Table.Td
                    key={title}
                    ta={isNumber ? 'end' : 'start'}
                    style={{ verticalAlign: 'top', ...(isNumber && { whiteSpace: 'nowrap' }) }}
                  >
                    {show(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {rows.length > most && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setMost(most + portion)}>
          Show {Math.min(portion, rows.length - most)} more of {(rows.length - most).toLocaleString()}
        </Button>
      )}
    </>
  );
};

const Head = <Row,>({
  column: { title, isNumber, by },
  order,
  onOrder,
}: {
  readonly column: Column<Row>;
  readonly order: Order | null;
  readonly onOrder: (order: Order) => void;
}) => {
  const here = order?.title === title ? order : null;
  return (
    <Table.Th
      ta={isNumber ? 'end' : 'start'}
      {...(by && { 'aria-sort': here ? (here.isDescending ? 'descending' : 'ascending') : 'none' })}
    >
      {by ? (
        <UnstyledButton
          className="sort"
          fz="sm"
          fw={700}
          onClick={() => onOrder({ title, isDescending: here ? !here.isDescending : isNumber === true })}
        >
          {title}
          <span aria-hidden="true">{here ? (here.isDescending ? ' ↓' : ' ↑') : ' ↕'}</span>
        </UnstyledButton>
      ) : (
        title
      )}
    </Table.Th>
  );
};
