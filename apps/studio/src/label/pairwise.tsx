/** @file Two responses side by side: which is better and how clearly, a tie, or both bad. */
import { Group, SimpleGrid } from '@mantine/core';
import { Frame, KeyButton, type KindProps } from './frame.tsx';
import { useSideBySide } from './response.tsx';
import { sideKeys, strengths } from './sides.ts';

export const Pairwise = (props: KindProps) => {
  const { item, session } = props;
  const { actions, panes } = useSideBySide(item);
  const sides = sideKeys((compared) => session.answer({ kind: 'pairwise', ...compared }));
  return (
    <Frame {...props} actions={[...sides.all, ...actions]}>
      {panes}
      <SimpleGrid cols={2} spacing="md" role="group" aria-label="Your judgement">
        {[
          { main: sides.first, others: [...sides.firstBy].reverse() },
          { main: sides.second, others: sides.secondBy },
        ].map(({ main, others }) => (
          <Group key={main.label} gap="xs" justify="center">
            <KeyButton action={main} main />
            {others.map((action, at) => (
              <KeyButton key={action.label} action={action} short={strengths[2 - at]!} />
            ))}
          </Group>
        ))}
      </SimpleGrid>
      <Group justify="center" gap="xs">
        {[sides.tie, sides.bad, ...actions].map((action) => (
          <KeyButton key={action.keys[0]} action={action} />
        ))}
      </Group>
    </Frame>
  );
};
