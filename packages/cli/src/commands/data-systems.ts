/** @file `plaudit data systems`: how able systems are, from who beat whom, with honest intervals. */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { BradleyTerry, BradleyTerryOptions, Coefficient, Contest, TieRule } from '@plaudit/feedback';
import { Command } from 'commander';
import {
  atLeastZero,
  formatDescription,
  list,
  positiveWholeNumber,
  wholeNumber,
  withPresentation,
} from '../options.ts';
import { writePage } from '../output/files.ts';
import { aligned, count, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly format: string;
  readonly by?: string[];
  readonly criterion?: string;
  readonly ties: string;
  readonly home?: boolean;
  readonly covariates?: string[];
  readonly soft?: boolean;
  readonly cluster?: string;
  readonly reference?: string;
  readonly ridge?: number;
  readonly intervals: string;
  readonly resamples: number;
  readonly seed: number;
  readonly report?: string;
}

const tieRules = ['half', 'davidson', 'rao-kupper'] as const;
const kindsOfInterval = ['sandwich', 'model', 'bootstrap'] as const;

/** What a response's style is counted by; `style` stands for all of them. */
const styles = ['length', 'headings', 'lists', 'bold'];

export const dataSystems = (): Command =>
  withPresentation(
    new Command('systems')
      .description('Rank systems by who beat whom: Bradley-Terry, with ties, the side and style taken out')
      .argument('<file...>', 'comparisons whose segments name the systems, or one table of contests')
      .option('--format <name>', `contests, ${formatDescription}`, 'auto')
      .option('--by <segments>', 'the two segments that name the systems, or one that names both', list)
      .option('--criterion <name>', 'only comparisons by it; without it those that name none')
      .option('--ties <rule>', tieRules.join(', '), 'half')
      .option('--home', 'estimate what being shown first, or playing at home, is worth')
      .option(
        '--covariates <names>',
        `taken out: style, or of it ${styles.join(', ')}; of contests, columns`,
        list,
      )
      .option('--soft', 'take preference as the share of a win, where a comparison has it')
      .option('--cluster <column>', 'of contests: rows with one value of it are one observation')
      .option('--reference <system>', 'whose ability is 0; without it the mean of all')
      .option('--ridge <number>', 'penalty on abilities: 0.1 keeps those finite that never lost', atLeastZero)
      .option('--intervals <kind>', kindsOfInterval.join(', '), 'sandwich')
      .option('--resamples <number>', 'of the bootstrap', positiveWholeNumber, 1000)
      .option('--seed <number>', 'of the bootstrap', wholeNumber, 0)
      .option('--report <file>', 'write the same as a page, with a forest plot'),
    'plaudit data systems battles.jsonl --by model_a,model_b --home --covariates style --report systems.html',
  ).action((files: string[], options: Options) =>
    present(options, async ({ signal }) => {
      const { ties, intervals, reference, home = false, resamples, seed, ridge, report } = options;
      const { bradleyTerryAbilities, effectsOf, renderSystemsReport } = await import('@plaudit/feedback');
      const rule = oneOf('--ties', ties, tieRules);
      const asked = options.covariates?.flatMap((name) => (name === 'style' ? styles : [name])) ?? [];
      const found = await contestsIn(files, { ...options, covariates: asked }, signal);
      if (found.contests.length === 0) throw nothingMet(found, options.criterion);
      const idle = asked.filter((name) =>
        found.contests.every((contest) => contest.covariates?.[name] === 0),
      );
      const covariates = asked.filter((name) => !idle.includes(name));
      if (home && found.contests.every((contest) => contest.home === undefined))
        throw plauditError('cli.usage', {
          problem: '--home needs to know who was at home or was shown first, and nothing here says so.',
        });
      const model: BradleyTerryOptions = {
        ties: rule,
        home,
        covariates,
        intervals: oneOf('--intervals', intervals, kindsOfInterval),
        ...(reference !== undefined && { reference }),
        ...(ridge !== undefined && { ridge: { abilities: ridge } }),
        resamples,
        seed,
      };
      const abilities = bradleyTerryAbilities(found.contests, model);
      if (report !== undefined)
        await writePage(
          report,
          renderSystemsReport(abilities, { ties: rule, ...(reference !== undefined && { reference }) }),
        );
      const { contests: _, ...input } = found;
      return {
        document: {
          ...input,
          idle,
          ties,
          intervals,
          ...(reference !== undefined && { reference }),
          ...abilities,
        },
        text: systemsText(abilities, effectsOf(abilities), { ...found, idle }, rule),
      };
    }),
  );

const oneOf = <T extends string>(flag: string, given: string, names: readonly T[]): T => {
  const found = names.find((name) => name === given);
  if (found === undefined) throw plauditError('cli.usage', { problem: `${flag} takes ${names.join(', ')}.` });
  return found;
};

const nothingMet = ({ by = [], unknownSystems, others }: Found, criterion: string | undefined): Error => {
  const compared = criterion === undefined ? 'by no criterion' : `by ${criterion}`;
  return plauditError('cli.usage', {
    problem:
      unknownSystems > 0
        ? `No comparison says in ${by.join(' and ')} which two systems met: give --by with the segments that do.`
        : `There is no comparison ${compared} among ${plural(others, 'other judgement')}: --criterion chooses another.`,
  });
};

/** `idle` are covariates that are alike on both sides everywhere, so that nothing can be said of them. */
type Shown = Found & { readonly idle: readonly string[] };

interface Found {
  readonly format: string;
  readonly rows: number;
  /** Rows that could not be read. */
  readonly rejected: number;
  /** Comparisons whose systems are not known, or are one and the same. */
  readonly unknownSystems: number;
  /** Judgements of other kinds or by other criteria. */
  readonly others: number;
  /** The segments that named the systems. */
  readonly by?: readonly string[];
  readonly contests: readonly Contest[];
}

type Wanted = Pick<Options, 'format' | 'by' | 'criterion' | 'soft' | 'cluster'> & {
  readonly covariates: readonly string[];
};

const contestsIn = async (files: readonly string[], wanted: Wanted, signal: AbortSignal): Promise<Found> => {
  const { format, by } = wanted;
  const { sourceFiles } = await import('@plaudit/feedback');
  const paths = await sourceFiles(files);
  const [path, ...more] = paths;
  if (format === 'contests' && more.length > 0)
    throw plauditError('cli.usage', { problem: 'Contests are read from one table at a time.' });
  if (format === 'contests') return contestsOfTable(path!, wanted, signal);
  if (format === 'auto' && by === undefined && more.length === 0)
    try {
      return await contestsOfTable(path!, wanted, signal);
    } catch (error) {
      if (!(error instanceof PlauditError && error.code === 'data.unknown_format')) throw error;
    }
  return contestsOfJudgements(paths, wanted, signal);
};

const contestsOfTable = async (
  file: string,
  { covariates, cluster }: Wanted,
  signal: AbortSignal,
): Promise<Found> => {
  const { contestsOfRows, readContests } = await import('@plaudit/feedback');
  const { contests, rejects, rows } = await readContests(file, signal);
  return {
    format: 'contests',
    rows,
    rejected: rejects.length,
    unknownSystems: 0,
    others: 0,
    contests: contestsOfRows(contests, { covariates, ...(cluster !== undefined && { cluster }) }),
  };
};

const contestsOfJudgements = async (
  files: readonly string[],
  { format, by, criterion, soft = false, covariates, cluster }: Wanted,
  signal: AbortSignal,
): Promise<Found> => {
  const unknown = covariates.filter((name) => !styles.includes(name));
  if (unknown.length > 0)
    throw plauditError('cli.usage', {
      problem: `--covariates of comparisons are style, ${styles.join(', ')}.`,
    });
  if (cluster !== undefined)
    throw plauditError('cli.usage', {
      problem: '--cluster is for contests; comparisons of one prompt are one observation already.',
    });
  const { contestsOf, readJudgements, segmentsOfSystems, styleDifferences, systemsBy } = await import(
    '@plaudit/feedback'
  );
  const {
    judgements,
    counts,
    format: found,
  } = await readJudgements(files, { format: format as 'auto', signal });
  const segments = by ?? segmentsOfSystems(judgements);
  const compared = judgements.filter((one) => one.kind === 'comparison' && one.criterion === criterion);
  const { contests, setAside } = contestsOf(compared, {
    systemsOf: systemsBy(segments),
    soft,
    ...(covariates.length > 0 && { covariatesOf: styleDifferences }),
  });
  return {
    format: found,
    rows: counts.rows,
    rejected: counts.rejected,
    unknownSystems: setAside,
    others: judgements.length - compared.length,
    by: segments,
    contests,
  };
};

const decimals = ({ value, interval: [low, high] }: Pick<Coefficient, 'value' | 'interval'>): string =>
  `${value.toFixed(3).padStart(7)}  (${low.toFixed(3)} to ${high.toFixed(3)})`;

const systemsText = (
  { systems, comparisons, clusters, failedResamples }: BradleyTerry,
  effects: readonly (readonly [string, Coefficient])[],
  { rejected, unknownSystems, others, by, idle }: Shown,
  ties: TieRule,
): string => {
  const place = ([best, worst]: readonly [number, number]): string =>
    best === worst ? `rank ${best}` : `rank ${best} to ${worst}`;
  const rows = systems.map(
    ({ system, ability, interval, ranks, wins, losses, ties: tied }): [string, string] => [
      system,
      `${decimals({ value: ability, interval })}  ${place(ranks)}, won ${count(wins)}, lost ${count(losses)}${tied > 0 ? `, tied ${count(tied)}` : ''}`,
    ],
  );
  const left = [
    ...(rejected > 0 ? [`${plural(rejected, 'row')} could not be read`] : []),
    ...(unknownSystems > 0
      ? [`${plural(unknownSystems, 'comparison')} do not say which two systems met`]
      : []),
    ...(others > 0 ? [`${plural(others, 'judgement')} of other kinds or criteria`] : []),
    ...(idle.length > 0 ? [`${idle.join(', ')}: alike on both sides everywhere`] : []),
    ...(failedResamples
      ? [`${plural(failedResamples, 'resample')} in which a system won or lost everything`]
      : []),
  ];
  return `${plural(systems.length, 'system')}, ${count(comparisons)} comparisons${by ? ` (${by.join(', ')})` : ''}${clusters === null ? '' : `, ${plural(clusters, 'observation')}`}; ties ${ties}.
Ability in ln odds, with 95 % intervals:
${aligned(rows)}${effects.length > 0 ? `What else decides:\n${aligned(effects.map(([name, effect]) => [name, decimals(effect)]))}` : ''}${left.length > 0 ? `Left out: ${left.join('; ')}.\n` : ''}`;
};
