/** @file A word that explains itself: to the mouse, to the keyboard and to a finger. */
import { Tooltip, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';

export const Term = ({ means, children }: { readonly means: string; readonly children: ReactNode }) => (
  <Tooltip label={means} multiline w={280} withArrow events={{ hover: true, focus: true, touch: true }}>
    <UnstyledButton className="term" fz="inherit" fw="inherit" type="button">
      {children}
    </UnstyledButton>
  </Tooltip>
);
