import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readJudgements } from '../readers/read-judgements.ts';
import { type BradleyTerry, type BradleyTerryOptions, bradleyTerryAbilities } from './bradley-terry.ts';
import type { Contest } from './contest.ts';
import { contestsOf, styleDifferences } from './contests-of.ts';
import { type RecordedBinomial, recorded } from './testing.ts';

const data = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn(`skipped: Bradley-Terry on R's example data, because ${data} is not there`);

/** The rows of a file as records; these files have no line breaks or commas inside quotes. */
const table = (name: string): Record<string, string>[] => {
  const [head, ...rows] = readFileSync(`${data}bradley-terry/${name}.csv`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  return rows.map((row) => Object.fromEntries(head!.map((name, i) => [name, row[i]!])));
};

const citations = (): Contest[] =>
  table('citations-pairs').map(({ player1, player2, win1, win2 }) => ({
    a: player1!,
    b: player2!,
    aWins: Number(win1),
    bWins: Number(win2),
  }));

const baseball = (): Contest[] =>
  table('baseball').map((row) => ({
    a: row['home.team']!,
    b: row['away.team']!,
    aWins: Number(row['home.wins']),
    bWins: Number(row['away.wins']),
    home: 'a',
  }));

/** A result of 0.5 is a draw. */
const hockey = (): Contest[] =>
  table('icehockey').map(({ visitor, opponent, result, 'home.ice': ice }) => ({
    a: visitor!,
    b: opponent!,
    aWins: result === '1' ? 1 : 0,
    bWins: result === '0' ? 1 : 0,
    ties: result === '0.5' ? 1 : 0,
    ...(ice === 'TRUE' && { home: 'b' as const }),
  }));

/** 303 students prefer one of two schools, or neither; a row with NA was not answered. */
const schools = (): Contest[] =>
  table('CEMS-preferences')
    .filter(({ win1 }) => win1 !== 'NA')
    .map(({ student, school1, school2, win1, win2, tied }, row) => ({
      a: school1!,
      b: school2!,
      aWins: Number(win1),
      bWins: Number(win2),
      ties: Number(tied),
      cluster: student!,
      covariates: { x: (((row * 37) % 11) - 5) / 5 },
    }));

const expectAbilities = (found: BradleyTerry, expected: Readonly<Record<string, number>>): void => {
  const named = found.systems.filter(({ system }) => system in expected);
  expect(named.length).toBeGreaterThanOrEqual(found.systems.length - 1);
  for (const { system, ability } of named) expect(ability, system).toBeCloseTo(expected[system]!, 6);
};

const expectErrors = (found: BradleyTerry, expected: Readonly<Record<string, number>>): void => {
  for (const { system, standardError } of found.systems)
    if (system in expected) expect(standardError / expected[system]!, system).toBeCloseTo(1, 4);
};

describe.skipIf(absent)('Bradley-Terry as R’s BradleyTerry2 does it', () => {
  it.each([
    ['citations', citations, 'Biometrika', {}, -20.19694],
    ['baseball', baseball, 'Baltimore', {}, -64.2593],
    ['baseballHome', baseball, 'Baltimore', { home: true }, -61.554],
    ['hockey', hockey, 'Alaska Anchorage', {}, -652.4499],
    ['hockeyHome', hockey, 'Alaska Anchorage', { home: true }, undefined],
    ['cems', schools, 'Stockholm', {}, undefined],
  ] as const)(
    'finds the abilities, errors and log-likelihood of %s',
    (name, contests, reference, options, inR) => {
      const expected: RecordedBinomial = recorded[name];
      const found = bradleyTerryAbilities(contests(), { ...options, reference, intervals: 'model' });
      expectAbilities(found, expected.abilities);
      expectErrors(found, expected.modelErrors);
      expect(found.roundedLogLikelihood).toBeCloseTo(expected.logLikelihoodInR, 6);
      if (inR !== undefined) expect(Math.abs(found.roundedLogLikelihood - inR)).toBeLessThan(1e-4);
      if (name === 'citations' || name === 'baseball')
        expect(found.logLikelihood).toBeCloseTo(found.roundedLogLikelihood, 9);
    },
  );

  it('finds the advantage of the home team', () => {
    const found = bradleyTerryAbilities(baseball(), { home: true });
    expect(found.home!.value).toBeCloseTo(0.30226, 4);
    expect(found.home!.interval[0]).toBeGreaterThan(0);
    expect(bradleyTerryAbilities(hockey(), { home: true }).home!.value).toBeCloseTo(
      recorded.hockeyHome.abilities.home!,
      6,
    );
  });

  it('finds errors that allow for one student judging fifteen pairs', () => {
    const reference = 'Stockholm';
    const found = bradleyTerryAbilities(schools(), { reference });
    expect(found.clusters).toBe(303);
    expectErrors(found, recorded.cems.clusterErrors!);
    expectErrors(
      bradleyTerryAbilities(hockey(), { reference: 'Alaska Anchorage' }),
      recorded.hockey.clusterErrors!,
    );
    const resampled = bradleyTerryAbilities(schools(), { reference, intervals: 'bootstrap', resamples: 300 });
    expect(resampled.failedResamples).toBe(0);
    for (const { system, standardError } of resampled.systems)
      if (system !== reference)
        expect(standardError / recorded.cems.clusterErrors![system]!).toBeCloseTo(1, 0.7);
  });

  it('finds the coefficient of a covariate', () => {
    const found = bradleyTerryAbilities(schools(), {
      reference: 'Stockholm',
      covariates: ['x'],
      intervals: 'model',
    });
    expectAbilities(found, recorded.cemsCovariate.abilities);
    expect(found.covariates.x!.value).toBeCloseTo(recorded.cemsCovariate.abilities.x!, 6);
    expect(found.covariates.x!.standardError).toBeCloseTo(recorded.cemsCovariate.modelErrors.x!, 6);
  });

  it.each([
    ['davidson', recorded.cemsDavidson, recorded.cemsDavidson.tie],
    ['rao-kupper', recorded.cemsRaoKupper, Math.exp(recorded.cemsRaoKupper.tie)],
  ] as const)('finds by %s what SciPy finds', (ties, expected, tie) => {
    const found = bradleyTerryAbilities(schools(), { reference: 'Stockholm', ties });
    for (const { system, ability } of found.systems)
      if (system in expected.abilities) expect(ability).toBeCloseTo(expected.abilities[system]!, 4);
    expect(found.tie!.value).toBeCloseTo(tie, 4);
    expect(found.logLikelihood).toBeCloseTo(expected.logLikelihood, 6);
  });
});

describe.skipIf(absent)('the judge of AlpacaEval', () => {
  it('ranks models with intervals, and likes length even where the systems are accounted for', async () => {
    const { judgements } = await readJudgements(`${data}text-llm-judged/alpacaeval1-gpt4`);
    const { contests, setAside } = contestsOf(judgements, {
      systemsOf: ({ provenance: { segments } }) =>
        segments?.generator_1 === undefined || segments.generator_2 === undefined
          ? undefined
          : [segments.generator_1, segments.generator_2],
      covariatesOf: styleDifferences,
    });
    expect([contests.length, setAside]).toEqual([judgements.length, 0]);
    const options: BradleyTerryOptions = { reference: 'text_davinci_003' };
    const plain = bradleyTerryAbilities(contests, options);
    const controlled = bradleyTerryAbilities(contests, { ...options, covariates: ['length', 'lists'] });
    expect(plain.systems).toHaveLength(23);
    expect(plain.clusters).toBeLessThan(400);
    expect(controlled.covariates.length!.interval[0]).toBeGreaterThan(0.3);
    for (const { ability, interval, ranks } of plain.systems) {
      expect(interval[0]).toBeLessThanOrEqual(ability);
      expect(ranks[0]).toBeLessThanOrEqual(ranks[1]);
    }
  });
});
