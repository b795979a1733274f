/** @file A model: its numbers, what it gets wrong or writes, its report, its files, and what it came from. */
import { Alert, Anchor, Button, Group, Select, SimpleGrid } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useAsk } from '../api.ts';
import { useChoice } from '../shell/address.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Page } from '../shell/states.tsx';
import { Document, Part, When } from '../shell/words.tsx';
import { Lineage } from './lineage/lineage.tsx';
import { PolicyNumbers } from './models/policy-numbers.tsx';
import { ReportFrame } from './models/report-frame.tsx';
import { RewardNumbers } from './models/reward-numbers.tsx';
import { Mistakes, Samples } from './models/texts.tsx';

type Model = Result<'getModel'>;

const kindOf = ({ role, card: { kind, method } }: Result<'getModel'>): string => {
  if (role === 'policy') return typeof method === 'string' ? `policy, trained by ${method}` : 'policy';
  return `${role} model${typeof kind === 'string' ? ` of kind ${kind}` : ''}`;
};

export const ModelPage = () => {
  const project = useProject();
  const role = useRole();
  const navigate = useNavigate();
  const { model } = useParams({ strict: false }) as { model: string };
  const found = useAsk('getModel', { params: { project, model } });
  return (
    <Answered of={found} what="the model">
      {(answer) => (
        <Page
          title={`${answer.name}, version ${answer.version}`}
          about={
            <>
              {kindOf(answer)}, made <When at={answer.createdAt} />
            </>
          }
          actions={
            mayManage(role) &&
            answer.role === 'reward' && (
              <Button
                variant="default"
                onClick={() =>
                  void navigate({
                    to: '/p/$project/roll-outs/bundles/new',
                    params: { project },
                    search: { reward: answer.id } as never,
                  })
                }
              >
                Make a bundle of it
              </Button>
            )
          }
        >
          {answer.taintedBy !== null && (
            <Alert
              role="status"
              color="yellow"
              variant="outline"
              title="Made with data that has been erased since"
            >
              Decide whether it is trained anew, retired or kept.
            </Alert>
          )}
          {answer.role === 'policy' ? (
            <>
              <PolicyNumbers run={answer.run} card={answer.card} />
              <Samples model={answer.id} />
            </>
          ) : (
            <OfReward model={answer} />
          )}
          {answer.files.some(({ path }) => path === 'report.html') && (
            <ReportFrame address={fileAddress(project, answer.id, 'report.html')} />
          )}
          <Lineage of={{ model: answer.id }} />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Files model={answer} />
            <Part title="Whole card">
              <Document of={answer.card} label="Card" />
            </Part>
          </SimpleGrid>
        </Page>
      )}
    </Answered>
  );
};

const fileAddress = (project: string, model: string, path: string): string =>
  `/v1/projects/${encodeURIComponent(project)}/models/${model}/files/${path.split('/').map(encodeURIComponent).join('/')}`;

const OfReward = ({ model }: { readonly model: Model }) => {
  const project = useProject();
  const [chosen, choose] = useChoice<string>('with', '');
  const models = useAsk('listModels', { params: { project }, query: { role: 'reward', limit: 1000 } });
  const others = (models.data?.models ?? []).filter(({ id }) => id !== model.id);
  const other = others.find(({ id }) => id === chosen);
  return (
    <>
      {others.length > 0 && (
        <Group>
          <Select
            label="Compare with"
            placeholder="No other model"
            clearable
            searchable
            data={others.map(({ id, name, version }) => ({
              value: id,
              label: `${name}, version ${version}`,
            }))}
            value={other?.id ?? null}
            onChange={(value) => choose(value ?? '')}
          />
        </Group>
      )}
      <RewardNumbers
        card={model.card}
        other={other ? { name: `${other.name} ${other.version}`, card: other.card } : null}
      />
      <Mistakes model={model.id} />
    </>
  );
};

const Files = ({ model: { id, files } }: { readonly model: Model }) => {
  const project = useProject();
  return (
    <Part title="Files">
      <Rows
        label="Files"
        rows={files}
        keyOf={({ path }) => path}
        columns={[
          {
            title: 'File',
            show: ({ path }) => (
              <Anchor size="sm" underline="always" href={fileAddress(project, id, path)}>
                {path}
              </Anchor>
            ),
            by: ({ path }) => path,
          },
          {
            title: 'Bytes',
            isNumber: true,
            show: ({ bytes }) => bytes.toLocaleString(),
            by: ({ bytes }) => bytes,
          },
        ]}
      />
    </Part>
  );
};
