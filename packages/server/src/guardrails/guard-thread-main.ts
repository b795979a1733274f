/** @file The thread that judges responses: patterns and word lists take time, in which requests are answered all the same. */
import { answerTasks } from '../serving/asked-thread.ts';
import { type Guard, guardOf, judgeAll } from './guard.ts';
import type { GuardTask } from './guard-thread.ts';

/** By their settings: compiling them takes longer than most texts. */
const guards = new Map<string, Guard>();
const mostGuards = 200;

const guardFor = (settings: string): Guard => {
  const guard = guards.get(settings) ?? guardOf(JSON.parse(settings));
  if (guards.size >= mostGuards) guards.clear();
  guards.set(settings, guard);
  return guard;
};

answerTasks(({ settings, given }: GuardTask) => judgeAll(guardFor(settings), given));
