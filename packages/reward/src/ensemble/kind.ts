/** @file The ensemble as a kind: what a build calls, and its folder. */
import { resolve } from 'node:path';
import { builtCard, configurationOf } from '../built/card.ts';
import { lineageOf, openParts, type PlacedPart, placePart } from '../built/parts.ts';
import { parseSpecification } from '../built/specification.ts';
import { type ModelCard, type RewardModel, readModelCard, writeModelCard } from '../model.ts';
import type { BuildOptions, BuiltRewardModelKind, LoadOptions } from '../run/kinds.ts';
import { readCard } from '../run/reading.ts';
import { averageWeights } from './average.ts';
import { EnsembleRewardModel, ensembleObjective } from './model.ts';
import {
  type EnsembleConfiguration,
  type EnsembleSpecification,
  ensembleConfiguration,
  ensembleSpecification,
} from './specification.ts';

/** The members' objectives where they are the same and their rewards are taken as they are; else one for the whole. */
const objectivesOf = (cards: readonly ModelCard[], zScore: boolean): string[] => {
  const [first, ...others] = cards.map(({ objectives }) => objectives);
  const same = others.every((objectives) => objectives.join('\n') === first!.join('\n'));
  return same && (first!.length === 1 || !zScore) ? first! : [ensembleObjective];
};

const build = async (specification: EnsembleSpecification, options: BuildOptions): Promise<void> => {
  const directories = specification.members.map((member) => resolve(options.folder, member));
  const { combine, lambda, normalise, embed } = specification;
  if (combine === 'weights') return averageWeights(directories, options);
  const kinds = new Set<string>();
  for (const directory of directories) kinds.add((await readCard(directory)).kind);
  const zScore = normalise === 'z-score' || (normalise === 'auto' && kinds.size > 1);
  const placed: PlacedPart[] = [];
  for (const [at, directory] of directories.entries()) {
    const request = { name: `member ${at + 1}`, directory, normalise: zScore, field: `members.${at}` };
    placed.push(await placePart(request, at, embed, options));
  }
  const configuration: EnsembleConfiguration = {
    combine,
    lambda,
    members: placed.map(({ reference }) => reference),
  };
  await writeModelCard(
    options.directory,
    builtCard({
      kind: 'ensemble',
      objectives: objectivesOf(
        placed.map(({ card }) => card),
        zScore,
      ),
      seed: options.seed,
      configuration,
      parts: lineageOf(placed),
    }),
  );
};

const load = async (directory: string, options: LoadOptions): Promise<RewardModel> => {
  const card = await readModelCard(directory);
  const configuration = configurationOf(ensembleConfiguration, card, directory);
  // Members that are ensembles themselves keep their own way.
  const { combine, ...ofMembers } = options;
  const members = await openParts(configuration.members, directory, ofMembers);
  return combine
    ? new EnsembleRewardModel({ ...configuration, ...combine }, members, uncalibrated(card))
    : new EnsembleRewardModel(configuration, members, card);
};

/** The card of an ensemble whose rewards are made another way than those that were measured. */
const uncalibrated = ({ calibratedOn: _, ...card }: ModelCard): ModelCard => ({
  ...card,
  calibration: null,
  normaliser: { mean: 0, std: 1 },
  metrics: null,
});

export const ensembleKind: BuiltRewardModelKind = {
  kind: 'ensemble',
  build: (given, options) =>
    build(parseSpecification(ensembleSpecification, given, options.specification), options),
  load,
};
