/** @file The report that a run wrote, in a frame in which nothing runs. */
import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Answered } from '../../shell/states.tsx';
import { Part } from '../../shell/words.tsx';

export const ReportFrame = ({ address }: { readonly address: string }) => {
  const [open, setOpen] = useState(false);
  const report = useQuery({
    queryKey: ['report', address],
    queryFn: async ({ signal }) => {
      const answer = await fetch(address, { signal });
      if (!answer.ok) throw new Error(`the report cannot be had (${answer.status})`);
      return answer.text();
    },
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Part title="Report">
      <Stack gap="sm" align="start">
        <Button variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Close the report' : 'Read the report'}
        </Button>
        {open && (
          <div style={{ width: '100%' }}>
            <Answered of={report} what="the report">
              {(html) => (
                // Without a single permission: no script, no form, no address of ours.
                <iframe title="Report" sandbox="" srcDoc={html} className="report" />
              )}
            </Answered>
          </div>
        )}
      </Stack>
    </Part>
  );
};
