/** @file Drift: what has moved against a reference, how far in words and in numbers, and both distributions over each other. */
import { Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useMemo } from 'react';
import { useAsk } from '../../api.ts';
import { Chart } from '../../chart/chart.tsx';
import { brief } from '../../chart/series.ts';
import { Rows } from '../../shell/rows.tsx';
import { useProject } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { Term } from '../../shell/term.tsx';
import { Part } from '../../shell/words.tsx';
import type { Range } from './range.ts';
import { percent, Rating, TooFew } from './rating.tsx';
import {
  chance,
  histogramOf,
  type NumberDrift,
  sentenceOf,
  sizeOfCategories,
  sizeOfNumbers,
  sizeOfTexts,
} from './verdict.ts';

type Report = Result<'drift'>;

const measures = [
  {
    name: 'Reward',
    key: 'reward',
    unit: 'reward',
    about: 'In standard deviations of its own model where those are known, so that versions can be compared.',
  },
  { name: 'Length', key: 'length', unit: 'characters', about: 'Characters of the responses.' },
  {
    name: 'Repetition',
    key: 'repetition',
    unit: 'share',
    about: 'Share of the four-word sequences of a response that it has said before.',
  },
  {
    name: 'Uncertainty',
    key: 'uncertainty',
    unit: 'uncertainty',
    about:
      'What the reward model says of its own doubt. It rises where inputs are unlike those that it was trained on.',
  },
] as const;

export const Drift = ({
  deployment,
  range,
  reference,
}: {
  readonly deployment: string;
  readonly range: Range;
  readonly reference: Range;
}) => {
  const project = useProject();
  const query = {
    from: range.from,
    to: range.to,
    referenceFrom: reference.from,
    referenceTo: reference.to,
  };
  const drift = useAsk('drift', { params: { project, deployment }, query });
  return (
    <Answered of={drift} what="drift; it reads both windows">
      {(report) => (
        <Stack gap="lg">
          <Summary report={report} />
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            {measures.map((measure) => (
              <Measure key={measure.key} of={measure} report={report} />
            ))}
            <Prompts of={report.prompts} />
            <Segments of={report.segments} />
          </SimpleGrid>
        </Stack>
      )}
    </Answered>
  );
};

const Summary = ({ report: { rows, sameBundles } }: { readonly report: Report }) => (
  <Text size="sm">
    {rows.current.toLocaleString()} responses now, {rows.reference.toLocaleString()} in the reference.{' '}
    {sameBundles
      ? 'Both were scored by the same bundles.'
      : 'They were scored by different bundles: raw rewards may have moved because the model did.'}
  </Text>
);

const Measure = ({
  of: { name, key, unit, about },
  report,
}: {
  readonly of: (typeof measures)[number];
  readonly report: Report;
}) => {
  const found = report[key];
  const distribution = report.distributions[key];
  const series = useMemo(() => (distribution ? histogramOf(distribution) : []), [distribution]);
  return (
    <Part title={name}>
      <Stack gap="sm">
        <Group justify="space-between" align="start" wrap="nowrap">
          <Text size="sm">{found.enough ? sentenceOf(name, found) : about}</Text>
          {found.enough && <Rating of={sizeOfNumbers(found)} what="drift" />}
        </Group>
        {distribution && (
          <Chart
            as="histogram"
            height={180}
            caption={`${name}: now over the reference`}
            series={series}
            xLabel={unit}
            yLabel="share"
            summary={about}
          />
        )}
        {found.enough ? (
          <Statistics of={found} reference={report.rows.reference} />
        ) : (
          <TooFew {...found} of="values in one of the windows" />
        )}
      </Stack>
    </Part>
  );
};

const Statistics = ({ of, reference }: { readonly of: NumberDrift; readonly reference: number }) => (
  <Table.ScrollContainer minWidth={360} type="native" tabIndex={0} role="group" aria-label="Statistics">
    <Table withRowBorders={false} verticalSpacing={2} fz="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Term means="Population stability index over ten bins of equal mass: below 0.1 stable, above 0.25 moved, by convention.">
              PSI
            </Term>
          </Table.Th>
          <Table.Th>
            <Term means="Kolmogorov and Smirnov's largest distance of the two distribution functions, from 0 to 1, with its p-value. With many responses everything is significant: look at the size.">
              KS
            </Term>
          </Table.Th>
          <Table.Th>
            <Term means="How far values have to be carried on average to make one distribution of the other, in standard deviations of the reference.">
              Wasserstein
            </Term>
          </Table.Th>
          <Table.Th>
            <Term means="Difference of the means in standard deviations of the reference: the effect size. 0.2 is small, 0.5 moderate, 0.8 large.">
              Shift
            </Term>
          </Table.Th>
          <Table.Th>n now, before</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        <Table.Tr>
          <Table.Td>{brief(of.psi)}</Table.Td>
          <Table.Td>
            {brief(of.ks)} ({of.ksPValue < 0.001 ? 'p < 0.001' : `p ${brief(of.ksPValue)}`})
          </Table.Td>
          <Table.Td>{of.wasserstein === null ? 'cannot be said' : brief(of.wasserstein)}</Table.Td>
          <Table.Td>{of.shift === null ? 'cannot be said' : brief(of.shift)}</Table.Td>
          <Table.Td>
            {of.n.toLocaleString()}, {reference.toLocaleString()}
          </Table.Td>
        </Table.Tr>
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

const Prompts = ({ of }: { readonly of: Report['prompts'] }) => (
  <Part title="Prompts">
    <Stack gap="sm">
      <Group justify="space-between" align="start" wrap="nowrap">
        <Text size="sm">
          {of.enough
            ? sizeOfTexts(of) === 'none'
              ? 'What people ask is what they asked: a classifier cannot tell the windows apart.'
              : 'What people ask has changed: a classifier tells the windows apart by words.'
            : 'Whether a classifier can tell the prompts of both windows apart by their words.'}
        </Text>
        {of.enough && <Rating of={sizeOfTexts(of)} what="drift" />}
      </Group>
      {of.enough ? (
        <Text size="sm">
          <Term means="Classifier two-sample test: the area under the ROC curve on texts that it was not trained on. 0.5 is a coin, 1 tells every pair apart.">
            Area under the curve
          </Term>{' '}
          {brief(of.auc)}, {of.pValue < chance ? 'more than chance' : 'no more than chance'} (p{' '}
          {of.pValue < 0.001 ? '< 0.001' : brief(of.pValue)}), {of.n.toLocaleString()} prompts now.
        </Text>
      ) : (
        <TooFew {...of} of="stored prompts in one of the windows" />
      )}
    </Stack>
  </Part>
);

const Segments = ({ of }: { readonly of: Report['segments'] }) => (
  <Part title="Segments">
    <Rows
      label="Drift of segments"
      rows={Object.entries(of)}
      keyOf={([name]) => name}
      none="No request named a segment."
      columns={[
        { title: 'Segment', show: ([name]) => name, by: ([name]) => name },
        {
          title: 'Verdict',
          show: ([, found]) =>
            found.enough ? (
              <Rating of={sizeOfCategories(found)} what="drift" />
            ) : (
              <TooFew {...found} of="responses" />
            ),
        },
        {
          title: 'Changed most',
          show: ([, found]) =>
            found.enough &&
            `${found.furthest.category}: ${found.furthest.change > 0 ? '+' : ''}${percent(found.furthest.change)}`,
        },
        {
          title: 'Jensen-Shannon',
          isNumber: true,
          show: ([, found]) => found.enough && brief(found.jensenShannon),
          by: ([, found]) => (found.enough ? found.jensenShannon : null),
        },
        {
          title: 'PSI',
          isNumber: true,
          show: ([, found]) => found.enough && brief(found.psi),
          by: ([, found]) => (found.enough ? found.psi : null),
        },
      ]}
    />
  </Part>
);
