/** @file Which words two texts do not share: the longest common subsequence of words, by lines first where texts are long. */

export interface Piece {
  readonly text: string;
  readonly same: boolean;
}

export const words = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

/** Cells of the table, at most: a few milliseconds. */
const mostCells = 4_000_000;

/** Whether two lists are compared by larger pieces. */
export const areTooMany = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length * b.length > mostCells;

/** For each token of both lists whether it is in a longest common subsequence. Of lists that are too long only the ends count. */
export const common = (a: readonly string[], b: readonly string[]): readonly [Uint8Array, Uint8Array] => {
  const [inA, inB] = [new Uint8Array(a.length), new Uint8Array(b.length)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    inA[start] = inB[start] = 1;
    start++;
  }
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) inA[--endA] = inB[--endB] = 1;
  const [n, m] = [endA - start, endB - start];
  if (n === 0 || m === 0 || n * m > mostCells) return [inA, inB];
  const width = m + 1;
  const table = new Uint32Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i--)
    for (let j = m - 1; j >= 0; j--)
      table[i * width + j] =
        a[start + i] === b[start + j]
          ? table[(i + 1) * width + j + 1]! + 1
          : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
  for (let i = 0, j = 0; i < n && j < m; ) {
    if (a[start + i] === b[start + j]) {
      inA[start + i++] = 1;
      inB[start + j++] = 1;
    } else if (table[(i + 1) * width + j]! >= table[i * width + j + 1]!) i++;
    else j++;
  }
  return [inA, inB];
};

const joined = (tokens: readonly string[], same: Uint8Array): readonly Piece[] => {
  const pieces: { text: string; same: boolean }[] = [];
  for (const [at, text] of tokens.entries()) {
    const last = pieces.at(-1);
    if (last && last.same === (same[at] === 1)) last.text += text;
    else pieces.push({ text, same: same[at] === 1 });
  }
  return pieces;
};

/**
 * Both texts in pieces that are in the other one, too, or are not.
 *
 * @example wordDifferences('a big dog', 'a dog')[0] // [{ text: 'a ', same: true }, { text: 'big ', same: false }, …]
 */
export const wordDifferences = (a: string, b: string): readonly [readonly Piece[], readonly Piece[]] => {
  const [wordsA, wordsB] = [words(a), words(b)];
  const [tokensA, tokensB] = areTooMany(wordsA, wordsB) ? [lines(a), lines(b)] : [wordsA, wordsB];
  const [inA, inB] = common(tokensA, tokensB);
  return [joined(tokensA, inA), joined(tokensB, inB)];
};
