/**
 * @file Measurements: `npm run bench -- NAME`, with the names below. Ratios within one run, never bare times.
 */
import { benchDuplicates } from './duplicates.ts';
import { benchEngine } from './engine.ts';
import { benchEnsemble } from './ensemble.ts';
import { benchGenerate } from './generate.ts';
import { benchJudgements } from './judgements.ts';
import { benchKnownAnswers } from './known-answers.ts';
import { benchLinear } from './linear.ts';
import { benchPpo } from './ppo.ts';
import { benchProbe } from './probe.ts';
import { benchServe } from './serve.ts';
import { benchSteer } from './steer.ts';
import { benchStore } from './store.ts';

/** A figure beside what it should be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it should reach (or stay under), and which way. */
  readonly goal?: { readonly least?: number; readonly most?: number };
}

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  duplicates: benchDuplicates,
  engine: benchEngine,
  generate: benchGenerate,
  linear: benchLinear,
  probe: benchProbe,
  ensemble: benchEnsemble,
  ppo: benchPpo,
  serve: benchServe,
  store: benchStore,
};

/** Measurements that take arguments and print tables of their own. */
const tables: Readonly<Record<string, (rest: readonly string[]) => Promise<void>>> = {
  judgements: benchJudgements,
  'known-answers': benchKnownAnswers,
  steer: benchSteer,
};

const [name = '', ...rest] = process.argv.slice(2);
const table = tables[name];
if (table) {
  await table(rest);
  process.exit();
}
const bench = benches[name];
if (!bench) {
  process.stderr.write(
    `Which measurement? ${[...Object.keys(benches), ...Object.keys(tables)].join(', ')}\nExample: npm run bench -- engine\n`,
  );
  process.exit(64);
}
const figures = await bench();
const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const verdict = ({ value, goal }: Figure): string => {
  if (!goal) return '';
  const met =
    value >= (goal.least ?? Number.NEGATIVE_INFINITY) && value <= (goal.most ?? Number.POSITIVE_INFINITY);
  const bound = goal.least === undefined ? `at most ${goal.most}` : `at least ${goal.least}`;
  return `${bound}: ${met ? 'met' : 'missed'}`;
};
process.stdout.write('| measured | value | goal |\n| --- | --- | --- |\n');
for (const figure of figures) {
  process.stdout.write(`| ${figure.what} | ${rounded(figure.value)} ${figure.unit} | ${verdict(figure)} |\n`);
}
