/** @file A model: its card, calibration and segments where the card has them, its files and its lineage. */
import { Alert, Anchor, SimpleGrid, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAsk } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { shown } from '../chart/series.ts';
import { Rows } from '../shell/rows.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Page } from '../shell/states.tsx';
import { Document, Id, Part, To, When } from '../shell/words.tsx';
import { calibrationOf, metricsOf, segmentsOf } from './model-card.ts';

export const ModelPage = () => {
  const project = useProject();
  const { model } = useParams({ strict: false }) as { model: string };
  const found = useAsk('getModel', { params: { project, model } });
  return (
    <Answered of={found} what="the model">
      {(answer) => (
        <Page
          title={`${answer.name}, version ${answer.version}`}
          about={
            <>
              {answer.role} model, made <When at={answer.createdAt} />
            </>
          }
        >
          {answer.taintedBy !== null && (
            <Alert color="yellow" variant="outline" title="Made with data that has been erased since">
              Decide whether it is trained anew, retired or kept.
            </Alert>
          )}
          <Card card={answer.card} />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Part title="Lineage">
              <Stack gap={4}>
                {answer.run !== null && (
                  <Text size="sm">
                    Made by the run{' '}
                    <To path={`runs/${answer.run}`}>
                      <Id of={answer.run} />
                    </To>
                  </Text>
                )}
                {answer.snapshots.map((id) => (
                  <Text size="sm" key={id}>
                    From the snapshot{' '}
                    <To path={`data/${id}`}>
                      <Id of={id} />
                    </To>
                  </Text>
                ))}
                {answer.run === null && answer.snapshots.length === 0 && (
                  <Text c="dimmed">It came from outside: nothing is on record.</Text>
                )}
              </Stack>
            </Part>
            <Part title="Files">
              <Rows
                label="Files"
                rows={answer.files}
                keyOf={({ path }) => path}
                columns={[
                  {
                    title: 'File',
                    show: ({ path }) => (
                      <Anchor
                        size="sm"
                        underline="always"
                        href={`/v1/projects/${encodeURIComponent(project)}/models/${answer.id}/files/${path.split('/').map(encodeURIComponent).join('/')}`}
                      >
                        {path}
                      </Anchor>
                    ),
                  },
                  { title: 'Bytes', show: ({ bytes }) => bytes.toLocaleString(), isNumber: true },
                ]}
              />
            </Part>
          </SimpleGrid>
          <Part title="Whole card">
            <Document of={answer.card} label="Card" />
          </Part>
        </Page>
      )}
    </Answered>
  );
};

const Card = ({ card }: { readonly card: Readonly<Record<string, unknown>> }) => {
  const metrics = useMemo(() => metricsOf(card), [card]);
  const calibration = useMemo(() => calibrationOf(card), [card]);
  const segments = useMemo(() => segmentsOf(card), [card]);
  return (
    <>
      {metrics.length > 0 && (
        <Part title="Report">
          <Rows
            label="Report"
            rows={metrics}
            keyOf={({ name }) => name}
            columns={[
              { title: 'Measure', show: ({ name }) => name },
              { title: 'Value', show: ({ value }) => shown(value), isNumber: true },
              { title: '95 % interval', show: ({ interval }) => interval?.map(shown).join(' to ') },
            ]}
          />
        </Part>
      )}
      {calibration.length > 0 && (
        <Chart
          as="dots"
          caption="Calibration: what was said, and how often it was so"
          xLabel="said probability"
          yLabel="observed share"
          height={300}
          series={[{ name: 'observed', points: calibration }]}
        />
      )}
      {segments.length > 0 && (
        <Part title="Segments">
          <Rows
            label="Segments"
            rows={segments}
            keyOf={({ name }) => name}
            columns={[
              { title: 'Segment', show: ({ name }) => name },
              { title: 'Accuracy', show: ({ accuracy }) => `${shown(100 * accuracy)} %`, isNumber: true },
              { title: 'Pairs', show: ({ pairs }) => pairs, isNumber: true },
            ]}
          />
        </Part>
      )}
    </>
  );
};
