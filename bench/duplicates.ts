/**
 * @file Near-duplicates among a million generated prompts: how long, how much memory, and how many that are known to be there
 * are found. A quarter of the prompts share 200 templates without being near-duplicates, a fifth are earlier prompts with a
 * few words changed.
 */
import { hash } from 'node:crypto';
import { Random } from '@plaudit/contract';
import { clusterPrompts, textSimilarity, toPrompt } from '@plaudit/feedback';
import type { Figure } from './main.ts';

const count = 1_000_000;
/** Earlier prompts that are kept to be changed, and pairs that are looked up in the end. */
const kept = 10_000;
const lookedUp = 20_000;
const threshold = 0.7;
const seed = 1;

export const benchDuplicates = async (): Promise<readonly Figure[]> => {
  const planted: (readonly [number, number])[] = [];
  const prompts: ReturnType<typeof toPrompt>[] = [];
  let characters = 0;
  for (const { text, changedFrom } of generated(count, new Random(seed, 'bench duplicates'))) {
    if (
      changedFrom !== null &&
      planted.length < lookedUp &&
      textSimilarity(text, changedFrom.text) >= threshold
    )
      planted.push([prompts.length, changedFrom.number]);
    characters += text.length;
    prompts.push(toPrompt(text));
  }
  const hashing = timed(() => {
    for (const [message] of prompts) hash('sha256', message!.content, 'hex');
  });
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const clustering = timed(() => clusterPrompts(prompts, { threshold }));
  const memory = 1024 * process.resourceUsage().maxRSS - before;
  const clusters = clustering.result;
  const found = planted.filter(([one, other]) => clusters[one] === clusters[other]).length;
  return [
    {
      what: '1,000,000 prompts: clusters of near-duplicates',
      value: clustering.seconds,
      unit: 's',
      goal: { most: 180 },
    },
    { what: 'the same over their SHA-256', value: clustering.seconds / hashing.seconds, unit: 'times' },
    { what: 'memory beside the prompts, a prompt', value: memory / count, unit: 'bytes' },
    { what: 'characters of a prompt', value: characters / count, unit: '' },
    {
      what: `of ${planted.length.toLocaleString('en')} known pairs of similarity ${threshold} and more, found`,
      value: found / planted.length,
      unit: '',
      goal: { least: 0.98 },
    },
  ];
};

const timed = <Result>(run: () => Result): { readonly result: Result; readonly seconds: number } => {
  const began = performance.now();
  const result = run();
  return { result, seconds: (performance.now() - began) / 1000 };
};

interface Generated {
  readonly text: string;
  readonly changedFrom: { readonly text: string; readonly number: number } | null;
}

const syllables = 'ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za bre cla dri flo gre'.split(
  ' ',
);
const endings = ['', 'n', 's', 'r', 'ing', 'ed'];
const vocabularySize = 30_000;

/** Prompts of words whose frequencies fall as in a language (Zipf), about 200 characters long. */
function* generated(prompts: number, random: Random): Generator<Generated> {
  const vocabulary = Array.from(
    { length: vocabularySize },
    () =>
      Array.from({ length: 1 + random.integer(4) }, () => random.pick(syllables)).join('') +
      random.pick(endings),
  );
  const word = (): string => vocabulary[Math.floor(vocabularySize ** random.uniform()) - 1]!;
  const words = (length: number): string[] => Array.from({ length }, word);
  const templates = Array.from({ length: 200 }, () => words(6 + random.integer(14)));
  const earlier: { text: string; number: number }[] = [];
  for (let number = 0; number < prompts; number++) {
    const kind = random.uniform();
    let changedFrom: Generated['changedFrom'] = null;
    let list: string[];
    if (kind < 0.2 && earlier.length > 0) {
      changedFrom = random.pick(earlier);
      list = changedFrom.text.split(' ');
      const changes = 1 + random.integer(Math.max(1, Math.floor(list.length / 6)));
      for (let i = 0; i < changes; i++) list[random.integer(list.length)] = word();
    } else if (kind < 0.45) {
      list = [...random.pick(templates)];
      for (let more = 2 + random.integer(6); more > 0; more--)
        list.splice(random.integer(list.length), 0, word());
    } else list = words(6 + Math.floor(-25 * Math.log(1 - random.uniform())));
    const text = list.join(' ');
    if (earlier.length < kept) earlier.push({ text, number });
    else earlier[random.integer(kept)] = { text, number };
    yield { text, changedFrom };
  }
}
