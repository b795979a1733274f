/** @file Experiments: A/B comparisons with intervals that may be looked at at any time. */
import { Button, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useAsk, useDo } from '../api.ts';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Empty, Failed, Page } from '../shell/states.tsx';
import { Document, Part, State, When } from '../shell/words.tsx';

type Experiment = Result<'listExperiments'>['experiments'][number];

export const Experiments = () => {
  const project = useProject();
  const experiments = useAsk('listExperiments', { params: { project } }, { every: 10_000 });
  return (
    <Page
      title="Experiments"
      about="Two bundles, the same people, and a difference with an interval that holds whenever one looks."
    >
      <Answered of={experiments} what="experiments">
        {({ experiments: all }) =>
          all.length === 0 ? (
            <Empty title="No experiment yet">
              Plan one over the API with `createExperiment`: its metric, its arms, and the least effect that
              matters.
            </Empty>
          ) : (
            <Stack gap="lg">
              {all.map((experiment) => (
                <ExperimentCard key={experiment.id} experiment={experiment} />
              ))}
            </Stack>
          )
        }
      </Answered>
    </Page>
  );
};

const ExperimentCard = ({ experiment }: { readonly experiment: Experiment }) => {
  const project = useProject();
  const role = useRole();
  const report = useDo('reportExperiment');
  const { id, name, state, plan, conclusion, createdAt } = experiment;
  return (
    <Part title={name}>
      <Stack gap="sm" align="start">
        <Text size="sm" c="dimmed" component="div">
          <State of={state} /> made <When at={createdAt} />
        </Text>
        <details>
          <summary>Plan</summary>
          <Document of={plan} label={`Plan of ${name}`} />
        </details>
        {conclusion && <Document of={conclusion} label={`Conclusion of ${name}`} />}
        {mayManage(role) && state !== 'draft' && (
          <Button
            size="xs"
            variant="default"
            loading={report.isPending}
            onClick={() => report.mutate({ params: { project, experiment: id }, body: {} })}
          >
            Look at the numbers
          </Button>
        )}
        {report.isError && <Failed error={report.error} />}
        {report.data && <Document of={report.data} label={`Report of ${name}`} />}
      </Stack>
    </Part>
  );
};
