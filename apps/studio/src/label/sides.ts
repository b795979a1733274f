/** @file Which of two is better, as keys: A or B with how clearly, a tie, or both bad. */

import type { KeyAction } from './keys.tsx';
import type { Answer } from './outbox.ts';

type Compared = Extract<Answer, { kind: 'criteria' }>['comparisons'][string];

export const strengths = ['much', 'clearly', 'slightly'] as const;

interface SideKeys {
  readonly first: KeyAction;
  readonly second: KeyAction;
  /** From much to slightly. */
  readonly firstBy: readonly KeyAction[];
  /** From slightly to much. */
  readonly secondBy: readonly KeyAction[];
  readonly tie: KeyAction;
  readonly bad: KeyAction;
  /** In the order of the keyboard. */
  readonly all: readonly KeyAction[];
}

/** @param of What is compared, where there is more than one thing, such as `truth` */
export const sideKeys = (choose: (compared: Compared) => void, of?: string): SideKeys => {
  const action = (keys: readonly string[], label: string, compared: Compared): KeyAction => ({
    keys,
    label: of === undefined ? label : `${of}: ${label}`,
    act: () => choose(compared),
  });
  const first = action(['ArrowLeft'], 'A better', { outcome: 'first' });
  const second = action(['ArrowRight'], 'B better', { outcome: 'second' });
  const firstBy = strengths.map((strength, at) =>
    action([String(at + 1)], `A ${strength} better`, { outcome: 'first', strength }),
  );
  const secondBy = [...strengths]
    .reverse()
    .map((strength, at) => action([String(at + 5)], `B ${strength} better`, { outcome: 'second', strength }));
  const tie = action(['4', 't'], 'Equally good', { outcome: 'tie' });
  const bad = action(['0', 'b'], 'Both bad', { outcome: 'both_bad' });
  return {
    first,
    second,
    firstBy,
    secondBy,
    tie,
    bad,
    all: [first, second, ...firstBy, tie, ...secondBy, bad],
  };
};
