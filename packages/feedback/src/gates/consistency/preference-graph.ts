/** @file Preferences among the responses to one prompt as a graph, and which of them run in a circle. */

/** An arrow from the preferred response to the other; responses are numbered from 0. */
export interface Arrow {
  readonly winner: number;
  readonly loser: number;
}

/**
 * The strongly connected component of each response: within one of several responses every one is, over some others,
 * preferred to every other. Without recursion, so that long chains cannot overflow the stack.
 *
 * @see Tarjan 1972
 */
export const components = (responses: number, arrows: readonly Arrow[]): Int32Array => {
  const losers: number[][] = Array.from({ length: responses }, () => []);
  for (const { winner, loser } of arrows) losers[winner]!.push(loser);
  const component = new Int32Array(responses).fill(-1);
  const index = new Int32Array(responses).fill(-1);
  const lowest = new Int32Array(responses);
  const next = new Int32Array(responses);
  const open: number[] = [];
  let visited = 0;
  let found = 0;
  for (let start = 0; start < responses; start++) {
    if (index[start]! >= 0) continue;
    const path = [start];
    while (path.length > 0) {
      const at = path.at(-1)!;
      if (index[at]! < 0) {
        index[at] = visited;
        lowest[at] = visited++;
        open.push(at);
      }
      const loser = losers[at]![next[at]!];
      if (loser !== undefined) {
        next[at]!++;
        if (index[loser]! < 0) path.push(loser);
        else if (component[loser]! < 0) lowest[at] = Math.min(lowest[at]!, index[loser]!);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) lowest[before] = Math.min(lowest[before]!, lowest[at]!);
      if (lowest[at] !== index[at]) continue;
      for (;;) {
        const member = open.pop()!;
        component[member] = found;
        if (member === at) break;
      }
      found++;
    }
  }
  return component;
};

/** Whether some of the arrows run in a circle. No two join the same responses, so a circle has at least three. */
export const hasCycle = (responses: number, arrows: readonly Arrow[]): boolean =>
  new Set(components(responses, arrows)).size < responses;
