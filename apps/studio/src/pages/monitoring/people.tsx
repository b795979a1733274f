/** @file People beside the model: how often it agrees with them on what was served, and how the annotators are. */
import { Group, Select, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useAsk } from '../../api.ts';
import { shown } from '../../chart/series.ts';
import { useChoice } from '../../shell/address.ts';
import { Rows } from '../../shell/rows.tsx';
import { mayReview, useProject, useRole } from '../../shell/session.ts';
import { Answered, Empty } from '../../shell/states.tsx';
import { Part, State } from '../../shell/words.tsx';
import type { Range } from './range.ts';
import { between, percent, TooFew } from './rating.tsx';

type Annotator = Result<'annotatorHealth'>['annotators'][number];

export const People = ({ deployment, range }: { readonly deployment: string; readonly range: Range }) => {
  const project = useProject();
  const role = useRole();
  const datasets = useAsk('listDatasets', { params: { project } });
  const [chosen, choose] = useChoice<string>('dataset', '');
  return (
    <Answered of={datasets} what="datasets">
      {({ datasets: all }) => {
        if (all.length === 0)
          return (
            <Empty title="Nobody has judged anything yet">
              Make a labelling task of responses that were served: its judgements are held against the
              rewards.
            </Empty>
          );
        const dataset = chosen === '' ? all[0]!.name : chosen;
        return (
          <Stack gap="lg">
            <Select
              label="Judgements of the dataset"
              maw={420}
              data={all.map(({ name }) => name)}
              value={dataset}
              allowDeselect={false}
              onChange={(value) => choose(value!)}
            />
            <Agreement deployment={deployment} range={range} dataset={dataset} />
            {(mayReview(role) || role === 'engineer') && <Annotators dataset={dataset} />}
          </Stack>
        );
      }}
    </Answered>
  );
};

const Agreement = ({
  deployment,
  range: { from, to },
  dataset,
}: {
  readonly deployment: string;
  readonly range: Range;
  readonly dataset: string;
}) => {
  const project = useProject();
  const agreement = useAsk('humanAgreement', {
    params: { project, deployment },
    query: { from, to, dataset },
  });
  return (
    <Part title="Agreement with people on what was served">
      <Answered of={agreement} what="the agreement">
        {(found) =>
          found.enough ? (
            <Stack gap={4}>
              <Text>
                <b>{percent(found.share)}</b> of {found.n.toLocaleString()} comparisons, between{' '}
                {between(found.interval, percent)} at 95 %.
              </Text>
              <Text size="sm" c="dimmed">
                A comparison counts where people judged two responses that this deployment served in the
                window. One half is a coin.
              </Text>
            </Stack>
          ) : (
            <TooFew {...found} of="comparisons of responses that were served in this window" />
          )
        }
      </Answered>
    </Part>
  );
};

const told = ({ concern, criterion, of }: Annotator['concerns'][number]): string =>
  [concern, of && `of ${of}`, criterion && `on ${criterion}`].filter(Boolean).join(' ');

const Annotators = ({ dataset }: { readonly dataset: string }) => {
  const project = useProject();
  const health = useAsk('annotatorHealth', { params: { project }, query: { dataset } });
  return (
    <Part title="Annotators">
      <Answered of={health} what="the annotators; every judgement is read">
        {({ annotators, setAside }) => (
          <Stack gap="sm">
            <Rows
              label="Annotators"
              rows={annotators}
              keyOf={({ annotator }) => annotator}
              none="No judgement names who gave it."
              columns={[
                { title: 'Annotator', show: ({ annotator }) => annotator, by: ({ annotator }) => annotator },
                {
                  title: 'Judgements',
                  isNumber: true,
                  show: ({ judgements }) => judgements.toLocaleString(),
                  by: ({ judgements }) => judgements,
                },
                {
                  title: 'Concerns',
                  show: ({ concerns, pause }) => (
                    <Group gap={4}>
                      {pause && <State of="should pause" />}
                      {concerns.length === 0 ? (
                        <Text size="sm">none</Text>
                      ) : (
                        concerns.map((one) => <State key={told(one)} of={told(one)} />)
                      )}
                    </Group>
                  ),
                  by: ({ concerns }) => concerns.length,
                },
                {
                  title: 'Shown first',
                  isNumber: true,
                  show: ({ sides }) => sides && percent(sides.first),
                  by: ({ sides }) => sides?.first ?? null,
                },
                {
                  title: 'Longest run',
                  isNumber: true,
                  show: ({ run }) => run?.length,
                  by: ({ run }) => run?.length ?? null,
                },
                {
                  title: 'Seconds, median',
                  isNumber: true,
                  show: ({ speed }) => speed && shown(speed.medianSeconds),
                  by: ({ speed }) => speed?.medianSeconds ?? null,
                },
              ]}
            />
            {Object.values(setAside).some((count) => count > 0) && (
              <Text size="sm" c="dimmed">
                Set aside:{' '}
                {Object.entries(setAside)
                  .map(([why, count]) => `${count.toLocaleString()} ${why}`)
                  .join(', ')}
                .
              </Text>
            )}
          </Stack>
        )}
      </Answered>
    </Part>
  );
};
