/** @file What a task is answered with, by its kind. */
import type { ComponentType } from 'react';
import { Criteria } from './criteria.tsx';
import { Edit } from './edit.tsx';
import type { KindProps, Task } from './frame.tsx';
import { Pairwise } from './pairwise.tsx';
import { Ranking } from './ranking.tsx';
import { Rating } from './rating.tsx';
import { Steps } from './steps.tsx';

const kinds: Readonly<Record<Task['kind'], ComponentType<KindProps>>> = {
  pairwise: Pairwise,
  ranking: Ranking,
  rating: Rating,
  edit: Edit,
  steps: Steps,
};

export const kindOf = ({ kind, asks }: Task): ComponentType<KindProps> =>
  asks === 'criteria' ? Criteria : kinds[kind];
