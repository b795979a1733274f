/** @file What is known of a reward model: held-out numbers, calibration, and where it is weak; of one, or two beside each other. */
import { Alert, SimpleGrid, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Chart } from '../../chart/chart.tsx';
import { shown } from '../../chart/series.ts';
import { Rows } from '../../shell/rows.tsx';
import { Term } from '../../shell/term.tsx';
import { Part, State } from '../../shell/words.tsx';
import { between, percent } from '../monitoring/rating.tsx';
import { failedChecksOf, groupsOf, type Measure, measuresOf, reliabilityOf } from './card.ts';

type Card = Readonly<Record<string, unknown>>;
export interface Beside {
  readonly name: string;
  readonly card: Card;
}

const tellIn =
  ({ isShare }: Measure) =>
  (value: number) =>
    isShare ? `${shown(100 * value, 3)} %` : shown(value, 3);

const told = (measure: Measure | undefined): string => {
  if (!measure) return '';
  const tell = tellIn(measure);
  return `${tell(measure.value)}${measure.interval ? ` (${between(measure.interval, tell)})` : ''}`;
};

export const RewardNumbers = ({ card, other }: { readonly card: Card; readonly other: Beside | null }) => {
  const measures = useMemo(() => measuresOf(card), [card]);
  const others = useMemo(() => (other ? measuresOf(other.card) : []), [other]);
  const groups = useMemo(() => groupsOf(card), [card]);
  const otherGroups = useMemo(() => (other ? groupsOf(other.card) : []), [other]);
  const reliability = useMemo(() => {
    const own = reliabilityOf(card);
    if (!other) return own;
    const theirs = reliabilityOf(other.card).filter(({ name }) => name === 'calibrated');
    return [
      ...own.filter(({ name }) => name === 'calibrated').map((of) => ({ ...of, name: 'this model' })),
      ...theirs.map((of) => ({ ...of, name: other.name })),
    ];
  }, [card, other]);
  const failed = failedChecksOf(card);
  if (measures.length === 0)
    return (
      <Part title="Held-out numbers">
        <Text c="dimmed">
          Its card holds none: it was registered from outside. An evaluation of a bundle with it says how
          often it sides with people.
        </Text>
      </Part>
    );
  const besides = <Row,>(show: (row: Row) => string) =>
    other ? [{ title: other.name, isNumber: true, show }] : [];
  return (
    <>
      {failed.length > 0 && (
        <Alert role="status" color="red" variant="outline" title="A check of the evaluation itself failed">
          {failed.join(', ')}: believe none of these numbers before that is understood.
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Part title="Held-out numbers">
          <Rows
            label="Held-out numbers"
            rows={measures}
            keyOf={({ name }) => name}
            columns={[
              { title: 'Measure', show: ({ name, means }) => <Term means={means}>{name}</Term> },
              { title: 'Value (95 % interval)', isNumber: true, show: told },
              ...besides<Measure>(({ name }) => told(others.find((one) => one.name === name))),
            ]}
          />
        </Part>
        <Chart
          as="dots"
          caption="Calibration: what was said, and how often it was so"
          xLabel="said probability"
          yLabel="share right"
          height={300}
          series={reliability}
          summary="Dots on the dashed line are as sure as they are right; below it the model is too sure."
        />
      </SimpleGrid>
      {groups.length > 0 && (
        <Part title="Where it is right">
          <Rows
            label="Accuracy by segment"
            rows={groups}
            keyOf={({ segment, group }) => `${segment} ${group}`}
            columns={[
              { title: 'Segment', show: ({ segment }) => segment, by: ({ segment }) => segment },
              { title: 'Of it', show: ({ group }) => group, by: ({ group }) => group },
              {
                title: 'Accuracy',
                isNumber: true,
                show: ({ accuracy }) => percent(accuracy),
                by: ({ accuracy }) => accuracy,
              },
              {
                title: '95 % interval',
                show: ({ interval }) => interval && between(interval, percent),
              },
              ...besides<(typeof groups)[number]>(({ segment, group }) => {
                const found = otherGroups.find((one) => one.segment === segment && one.group === group);
                return found ? percent(found.accuracy) : '';
              }),
              { title: 'Pairs', isNumber: true, show: ({ pairs }) => pairs, by: ({ pairs }) => pairs },
              {
                title: 'Against the rest',
                show: ({ isBelow }) => isBelow && <State of="below it, beyond chance" />,
                by: ({ isBelow }) => Number(isBelow),
              },
            ]}
          />
        </Part>
      )}
    </>
  );
};
