/** @file The model that learns while people label, in one line: how good it is and how it came there. */
import { Group, Text, Tooltip } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useAsk } from '../api.ts';
import { useProject } from '../shell/session.ts';

export type LiveModel = Result<'getLiveModel'>;

/** Kinds of task that put responses in order; others have no model. */
export const hasModel = (kind: string): boolean => kind === 'pairwise' || kind === 'ranking';

export const useLiveModel = (task: string, enabled = true) => {
  const project = useProject();
  return useAsk('getLiveModel', { params: { project, task } }, { every: 2000, enabled });
};

export const percent = (share: number): string => `${Math.round(100 * share)} %`;

const [width, height] = [72, 18];

/** The curve from one half, which is guessing, to one. */
const Sparkline = ({ curve }: { readonly curve: LiveModel['curve'] }) => {
  const last = curve.at(-1)?.answers ?? 1;
  const points = curve.map(
    ({ answers, accuracy }) =>
      `${((width - 2) * Math.log(answers)) / Math.max(Math.log(last), 1) + 1},${height - 1 - (height - 2) * Math.max(0, 2 * accuracy - 1)}`,
  );
  return (
    <svg width={width} height={height} aria-hidden="true" style={{ flex: 'none' }}>
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--mantine-color-indigo-filled)"
        strokeWidth={1.5}
      />
    </svg>
  );
};

/** What annotators see of it: nothing of what it thinks of any item. */
export const LiveLine = ({ task }: { readonly task: string }) => {
  const { data } = useLiveModel(task);
  if (!data || data.state === 'none') return null;
  const { accuracy, curve, answers, measuredOn } = data;
  return (
    <Tooltip
      multiline
      w={280}
      label={
        accuracy
          ? `A small model has learned from ${answers} answers. On ${measuredOn} items that it never learns from it prefers what people prefer this often; between ${percent(accuracy.interval[0])} and ${percent(accuracy.interval[1])} with 95 % confidence.`
          : 'A small model learns from the answers as they come. How good it is shows once five items that it never learns from are answered.'
      }
    >
      <Group gap={6} wrap="nowrap" tabIndex={0} data-live={answers}>
        {accuracy && <Sparkline curve={curve} />}
        <Text size="sm" c="dimmed">
          {accuracy
            ? `Model: ${percent(accuracy.share)} from ${answers}`
            : data.state === 'preparing'
              ? 'Model: starting'
              : `Model: ${answers} learned`}
        </Text>
      </Group>
    </Tooltip>
  );
};
