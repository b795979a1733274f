/** @file A shadow beside what serves: how often it would choose otherwise, where scores have moved, and where a threshold belongs. */
import { NumberInput, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAsk } from '../../api.ts';
import { brief } from '../../chart/series.ts';
import { Rows } from '../../shell/rows.tsx';
import { useProject } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { rangeOf } from '../monitoring/range.ts';
import { between, percent, TooFew } from '../monitoring/rating.tsx';

/** Hours that the shadow is looked at over. */
const shadowHours = 168;
/** Milliseconds after the last key before the server is asked. */
const quiet = 300;

export const ShadowComparison = ({ deployment }: { readonly deployment: string }) => {
  const project = useProject();
  const [{ from, to }] = useState(() => rangeOf(shadowHours));
  const [threshold, setThreshold] = useState<number | string>('');
  const [asked] = useDebouncedValue(threshold, quiet);
  const query = { from, to, ...(asked !== '' && { thresholds: String(asked) }) };
  const compared = useAsk('compareShadow', { params: { project, deployment }, query });
  return (
    <Answered of={compared} what="the shadow">
      {({ comparison, unscored, slowest, segments, thresholds }) =>
        comparison.enough ? (
          <Stack gap="sm">
            <Text size="sm">
              The shadow orders{' '}
              {comparison.flips.enough
                ? `${percent(comparison.flips.rate)} of the pairs the other way round (${between(comparison.flips.interval, percent)}, n ${comparison.flips.n.toLocaleString()})`
                : 'too few pairs to say how many differ'}
              ; rank correlation {comparison.spearman === null ? 'unknown' : brief(comparison.spearman)} over{' '}
              {comparison.n.toLocaleString()} responses.
            </Text>
            <Text size="sm" c="dimmed">
              {unscored > 0 && `${unscored.toLocaleString()} it could not score. `}
              {slowest.production !== null &&
                slowest.shadow !== null &&
                `99 % are answered within ${brief(slowest.shadow)} ms, by production within ${brief(slowest.production)} ms.`}
            </Text>
            <NumberInput
              label="A threshold on production's scores"
              description="Scores of two models are on two scales: this is where it belongs on the shadow's."
              maw={360}
              value={threshold}
              onChange={setThreshold}
            />
            {thresholds.map(({ from: old, to: moved }) =>
              moved.enough ? (
                <Text size="sm" key={old} role="status">
                  {brief(moved.threshold)} ({between(moved.interval)}) lets as many pass:{' '}
                  {percent(1 - moved.share)} of the responses.
                  {moved.outside &&
                    ' No score of production lies there, so that nothing says where it belongs.'}
                </Text>
              ) : (
                <TooFew key={old} {...moved} of="scores" />
              ),
            )}
            {segments.length > 0 && (
              <details>
                <summary>Where scores have moved</summary>
                <Rows
                  label="Segments that have moved"
                  rows={segments}
                  keyOf={({ segment, value }) => `${segment} ${value}`}
                  columns={[
                    { title: 'Segment', show: ({ segment, value }) => `${segment}: ${value}` },
                    {
                      title: 'Shift, standard deviations',
                      isNumber: true,
                      show: ({ shift }) => brief(shift),
                      by: ({ shift }) => shift,
                    },
                    { title: 'n', isNumber: true, show: ({ n }) => n.toLocaleString(), by: ({ n }) => n },
                  ]}
                />
              </details>
            )}
          </Stack>
        ) : (
          <TooFew {...comparison} of="responses that both have scored" />
        )
      }
    </Answered>
  );
};
