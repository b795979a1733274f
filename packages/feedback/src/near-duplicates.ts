/** @file Clusters of near-duplicate prompts, so that a split cannot put one question on two sides. */
import { type Prompt, Random } from '@plaudit/contract';

export interface NearDuplicateOptions {
  /**
   * Least Jaccard similarity of two prompts' character 5-gram sets to be near-duplicates, 0 to 1. Default 0.7: a prompt
   * with one sentence in five rewritten still counts, two prompts that only share a template do not.
   */
  readonly threshold?: number;
  /** Least length of a normalised first user turn for which sharing it makes two conversations one cluster. */
  readonly firstTurnLength?: number;
}

const permutations = 128;
/** 32 bands of 4: a pair at the threshold 0.7 is looked at with probability 1 - (1 - 0.7^4)^32 = 0.9998. */
const rowsPerBand = 4;
const gramLength = 5;
/**
 * Signatures that agree this much less than the threshold spare the exact check. The agreement of 128 permutations has a
 * standard deviation of at most 0.044, so a pair at the threshold is lost with probability below 1e-5. Without it 50,000
 * generated prompts that share sentences took 34 s instead of 11 s.
 */
const signatureSlack = 0.2;

/**
 * A cluster number for each prompt. Prompts share a cluster when they are near-duplicates in text, when one is the
 * beginning of the other's conversation, when they share a long enough first user turn, or through a chain of these.
 * Numbers are given by first appearance.
 *
 * @see Broder 1997 (MinHash); Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4 (banding)
 */
export const clusterPrompts = (
  prompts: readonly Prompt[],
  options: NearDuplicateOptions = {},
): Int32Array => {
  const threshold = options.threshold ?? 0.7;
  const clusters = new UnionFind(prompts.length);
  joinConversations(prompts, clusters, options.firstTurnLength ?? 20);
  joinSimilarTexts(prompts, clusters, threshold);
  return clusters.numbers();
};

/**
 * Lower case, every run of other characters than letters and digits one space: the form in which texts are compared.
 * A text of signs alone (an emoji, an equation) stays as it is, or all such texts would be one.
 */
const normaliseText = (text: string): string => {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return words === '' ? text.trim() : words;
};

/** Jaccard similarity of two texts' character 5-gram sets after normalising, 0 to 1. */
export const textSimilarity = (a: string, b: string): number =>
  jaccard(gramHashes(normaliseText(a)), gramHashes(normaliseText(b)));

const joinConversations = (
  prompts: readonly Prompt[],
  clusters: UnionFind,
  firstTurnLength: number,
): void => {
  const beginnings = new Beginnings();
  const whole = new Map<number, number>();
  const firstTurns = new Map<string, number>();
  const paths = prompts.map((prompt) => beginnings.of(prompt));
  for (const [i, prompt] of prompts.entries()) {
    clusters.joinKey(whole, paths[i]!.at(-1)!, i);
    const first = normaliseText(prompt.find((turn) => turn.role === 'user')?.content ?? '');
    if (first.length >= firstTurnLength) clusters.joinKey(firstTurns, first, i);
  }
  for (const [i, path] of paths.entries()) {
    for (const beginning of path.subarray(0, -1)) {
      const other = whole.get(beginning);
      if (other !== undefined) clusters.join(other, i);
    }
  }
};

/**
 * Numbers every beginning of every conversation: equal beginnings have equal numbers. Each turn is looked at once, on top
 * of the number of what comes before it; a key made of the whole beginning took time with the square of the turns.
 */
class Beginnings {
  private readonly contents = new Map<string, number>();
  private readonly numbers = new Map<string, number>();

  /** The number of the first turn, of the first two, and so on. */
  of(prompt: Prompt): Int32Array {
    let before = -1;
    return Int32Array.from(prompt, ({ role, content }) => {
      const text = numberOf(this.contents, content);
      before = numberOf(this.numbers, `${before} ${role} ${text}`);
      return before;
    });
  }
}

/** The number of a key, by first appearance. */
const numberOf = (numbers: Map<string, number>, key: string): number => {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
};

const joinSimilarTexts = (prompts: readonly Prompt[], clusters: UnionFind, threshold: number): void => {
  const byText = new Map<string, number>();
  for (const [i, prompt] of prompts.entries())
    clusters.joinKey(byText, normaliseText(prompt.map((turn) => turn.content).join(' ')), i);

  const hashing = hashParameters();
  const grams: Uint32Array[] = [];
  const owners: number[] = [];
  const signatures = new Uint32Array(byText.size * permutations);
  const bands = Array.from({ length: permutations / rowsPerBand }, () => new Map<number, number[]>());
  // The last text with which each one was compared: a pair that meets in several bands is looked at once.
  const comparedWith = new Int32Array(byText.size).fill(-1);
  const leastMatches = permutations * (threshold - signatureSlack);

  for (const [text, owner] of byText) {
    const item = grams.length;
    const set = gramHashes(text);
    grams.push(set);
    owners.push(owner);
    const signature = signatures.subarray(item * permutations, (item + 1) * permutations);
    minHash(set, hashing, signature);
    for (const [band, buckets] of bands.entries()) {
      const key = bandKey(signature, band);
      const bucket = buckets.get(key);
      if (!bucket) {
        buckets.set(key, [item]);
        continue;
      }
      for (const other of bucket) {
        if (comparedWith[other] === item) continue;
        comparedWith[other] = item;
        if (!agree(signatures, item, other, leastMatches)) continue;
        if (jaccard(set, grams[other]!) >= threshold) clusters.join(owner, owners[other]!);
      }
      bucket.push(item);
    }
  }
};

/** Whether two signatures agree in at least so many permutations; given up as soon as they cannot any more. */
const agree = (signatures: Uint32Array, item: number, other: number, least: number): boolean => {
  const a = item * permutations;
  const b = other * permutations;
  let left = permutations - least;
  for (let p = 0; p < permutations; p++)
    if (signatures[a + p] !== signatures[b + p] && --left < 0) return false;
  return true;
};

/** Odd multipliers and offsets of the hash family h(x) = (a x + b) mod 2^32 over well-mixed x. Fixed for ever. */
const hashParameters = (): { a: Uint32Array; b: Uint32Array } => {
  const random = new Random(0, 'minhash');
  return {
    a: Uint32Array.from({ length: permutations }, () => random.uint32() | 1),
    b: Uint32Array.from({ length: permutations }, () => random.uint32()),
  };
};

const minHash = (
  set: Uint32Array,
  { a, b }: { a: Uint32Array; b: Uint32Array },
  signature: Uint32Array,
): void => {
  for (let p = 0; p < permutations; p++) {
    const multiplier = a[p]!;
    const offset = b[p]!;
    let least = 0xffffffff;
    for (let i = 0; i < set.length; i++) {
      const hash = (Math.imul(set[i]!, multiplier) + offset) >>> 0;
      if (hash < least) least = hash;
    }
    signature[p] = least;
  }
};

const bandKey = (signature: Uint32Array, band: number): number => {
  let key = 0;
  for (let row = 0; row < rowsPerBand; row++)
    key = mix(Math.imul(key, 0x9e3779b1) ^ signature[band * rowsPerBand + row]!);
  return key;
};

/** The final mixing of MurmurHash3: every input bit reaches every output bit. */
const mix = (hash: number): number => {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

/** The sorted distinct hashes of a text's character 5-grams; a shorter text is one gram. */
const gramHashes = (text: string): Uint32Array => {
  const count = Math.max(1, text.length - gramLength + 1);
  const hashes = new Uint32Array(count);
  for (let start = 0; start < count; start++) {
    let hash = 0x811c9dc5;
    for (let i = start; i < Math.min(start + gramLength, text.length); i++)
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hashes[start] = mix(hash);
  }
  hashes.sort();
  let distinct = 1;
  for (let i = 1; i < count; i++) if (hashes[i] !== hashes[i - 1]) hashes[distinct++] = hashes[i]!;
  return hashes.slice(0, distinct);
};

const jaccard = (a: Uint32Array, b: Uint32Array): number => {
  let i = 0;
  let j = 0;
  let shared = 0;
  while (i < a.length && j < b.length) {
    const x = a[i]!;
    const y = b[j]!;
    if (x === y) shared++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return shared / (a.length + b.length - shared);
};

/** Disjoint sets over 0..size-1 (Tarjan), by size and with path halving. */
class UnionFind {
  private readonly parent: Int32Array;
  private readonly size: Int32Array;

  constructor(size: number) {
    this.parent = Int32Array.from({ length: size }, (_, i) => i);
    this.size = new Int32Array(size).fill(1);
  }

  private root(item: number): number {
    let at = item;
    while (this.parent[at] !== at) {
      this.parent[at] = this.parent[this.parent[at]!]!;
      at = this.parent[at]!;
    }
    return at;
  }

  join(a: number, b: number): void {
    let large = this.root(a);
    let small = this.root(b);
    if (large === small) return;
    if (this.size[large]! < this.size[small]!) [large, small] = [small, large];
    this.parent[small] = large;
    this.size[large]! += this.size[small]!;
  }

  /** Joins the item with the one that came first with this key. */
  joinKey<Key>(firsts: Map<Key, number>, key: Key, item: number): void {
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, item);
    else this.join(first, item);
  }

  numbers(): Int32Array {
    const numbers = new Map<number, number>();
    return this.parent.map((_, item) => {
      const root = this.root(item);
      if (!numbers.has(root)) numbers.set(root, numbers.size);
      return numbers.get(root)!;
    });
  }
}
