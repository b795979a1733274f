/** @file Promoting a bundle at once: under a name that serves already, or a new one. */
import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Confirmed } from './confirmed.tsx';

export const PromoteBundle = ({ bundle }: { readonly bundle: string }) => {
  const project = useProject();
  const deployments = useAsk('listDeployments', { params: { project } });
  const promote = useDo('promoteBundle');
  const all = deployments.data?.deployments ?? [];
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? all[0]?.name ?? '';
  const after = all.find((one) => one.name === name)?.revision ?? 0;
  return (
    <Confirmed
      label="Promote"
      title="Give it all of the traffic"
      about="Every gate is asked: its evaluation, the approvals of this project, erased data, and its golden scores. A canary goes there in steps instead."
      isPending={promote.isPending}
      error={promote.error}
      onConfirm={(reason, done) =>
        promote.mutate(
          { params: { project, deployment: name }, body: { after, reason, bundle } },
          { onSuccess: done },
        )
      }
    >
      <Autocomplete
        label="Deployment"
        description={after === 0 ? 'It is a new name.' : `Revision ${after} is replaced.`}
        required
        data={all.map((one) => one.name)}
        value={name}
        onChange={setTyped}
      />
    </Confirmed>
  );
};
