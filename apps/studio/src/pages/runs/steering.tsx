/** @file Stopping a run, and taking one up again; and the page that holds it against others. */
import { Button } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useNavigate } from '@tanstack/react-router';
import { useDo } from '../../api.ts';
import { mayManage, useProject, useRole } from '../../shell/session.ts';
import { Failed } from '../../shell/states.tsx';

/** Of runs that are jobs of the server: those of commands are stopped where they were started. */
const jobTag = 'plaudit.job';

export const RunSteering = ({
  run: { id, state, tags, parent },
}: {
  readonly run: Pick<Result<'getRun'>, 'id' | 'state' | 'tags' | 'parent'>;
}) => {
  const project = useProject();
  const role = useRole();
  const navigate = useNavigate();
  const stop = useDo('cancelRun');
  const resume = useDo('resumeRun');
  const params = { project, run: id };
  const isJob = tags[jobTag] === 'yes' && mayManage(role);
  return (
    <>
      {isJob && (state === 'running' || state === 'waiting') && (
        <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate({ params })}>
          Stop
        </Button>
      )}
      {isJob && (state === 'stopped' || state === 'failed') && (
        <Button loading={resume.isPending} onClick={() => resume.mutate({ params })}>
          Resume
        </Button>
      )}
      <Button
        variant="default"
        onClick={() =>
          void navigate({
            to: '/p/$project/runs',
            params: { project },
            search: { compare: parent === null ? id : `${id},${parent}` } as never,
          })
        }
      >
        Compare
      </Button>
      {(stop.isError || resume.isError) && <Failed error={stop.error ?? resume.error} />}
    </>
  );
};
