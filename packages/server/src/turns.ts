/** @file Turns: long work of the HTTP thread in small portions, so that nobody waits for all of it. */
import { setImmediate as turn } from 'node:timers/promises';

/** Milliseconds of work after which others have their turn. */
const portion = 5;

/**
 * @returns To be awaited after each small piece of work; it waits only where a portion has been done
 * @example const others = turns(); for (const row of rows) { work(row); await others(); }
 */
export const turns = (): (() => Promise<void>) => {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < portion) return;
    await turn();
    began = performance.now();
  };
};
