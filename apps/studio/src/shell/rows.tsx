/** @file A table of rows, its columns as data; wide ones are scrolled, by keyboard too. */
import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export interface Column<Row> {
  readonly title: string;
  readonly show: (row: Row) => ReactNode;
  /** Numbers stand at the end of their column. */
  readonly isNumber?: boolean;
}

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
}) =>
  rows.length === 0 ? (
    <Text c="dimmed">{none}</Text>
  ) : (
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
            {columns.map(({ title, isNumber }) => (
              <Table.Th key={title} ta={isNumber ? 'end' : 'start'}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map(({ title, show, isNumber }) => (
                <Table.Td key={title} ta={isNumber ? 'end' : 'start'} style={{ verticalAlign: 'top' }}>
                  {show(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
