/** @file How certain the parameters of crowd Bradley-Terry are: second derivatives, component by component. */
import { type Cholesky, factor, solveLower } from '../statistics/cholesky.ts';
import { UnionFind } from '../union-find.ts';
import { type CrowdPriors, type HalfVotes, termsOf } from './crowd-likelihood.ts';

export interface CrowdUncertainty {
  /** Standard deviation of the difference of two items' scores; null across components and in one that is too large. */
  readonly leadDeviation: (a: number, b: number) => number | null;
  /** Of each logit of skill; null where the votes do not determine it. */
  readonly skillDeviations: readonly (number | null)[];
  /** Of each side bias. */
  readonly sideDeviations: readonly (number | null)[];
}

/** Items in one component whose covariances are still computed: each pair takes time with their square. */
const mostItems = 500;

/** What one annotator's two parameters share with the scores of one component: d²/ds dg and d²/ds dq. */
interface Coupling {
  readonly skill: Map<number, number>;
  readonly side: Map<number, number>;
}

/** Second derivatives of -ln P by skill, by both, and by side. */
type Curvature = [skill: number, both: number, side: number];

/**
 * Laplace's approximation. Scores are taken with all annotators' parameters as known. An annotator's two parameters are
 * taken with everybody else's as known, and with the scores as uncertain as they are.
 */
export const crowdUncertainty = (
  votes: HalfVotes,
  priors: CrowdPriors,
  at: Float64Array,
): CrowdUncertainty => {
  const { component, place, sizes } = components(votes);
  const blocks = sizes.map((size) => (size <= mostItems ? new Float64Array(size * size) : null));
  blocks.forEach((block, c) => {
    for (let i = 0; block && i < sizes[c]!; i++) block[i * sizes[c]! + i] = 1 / priors.scoreDeviation ** 2;
  });
  const curvatures = votes.annotators.map(
    (): Curvature => [1 / priors.skillDeviation ** 2, 0, 1 / priors.sideDeviation ** 2],
  );
  // Annotator and component to what couples them.
  const couplings = votes.annotators.map(() => new Map<number, Coupling>());
  for (let i = 0; i < votes.a.length; i++) {
    const { byScore, bySide, skill, likelihood } = termsOf(votes, at, i);
    const weight = votes.weight[i]!;
    const [y, z] = [votes.chosen[i]!, votes.side[i]!];
    const [a, b, w] = [votes.a[i]!, votes.b[i]!, votes.annotator[i]!];
    const doubt = skill * (1 - skill);
    const bend = byScore * (1 - byScore);
    const sideBend = bySide * (1 - bySide) * z * z;
    // First and second derivatives of f = P(vote).
    const first = {
      score: skill * bend * y,
      skill: doubt * (byScore - bySide),
      side: (1 - skill) * sideBend * z,
    };
    const second = (f: number, g: number, fg: number): number =>
      weight * ((f * g) / (likelihood * likelihood) - fg / likelihood);
    const scoreCurve = second(first.score, first.score, skill * bend * (1 - 2 * byScore));
    const scoreSkill = second(first.score, first.skill, doubt * bend * y);
    const scoreSide = second(first.score, first.side, 0);
    const curvature = curvatures[w]!;
    curvature[0] += second(first.skill, first.skill, doubt * (1 - 2 * skill) * (byScore - bySide));
    curvature[1] += second(first.skill, first.side, -doubt * sideBend * z);
    curvature[2] += second(first.side, first.side, (1 - skill) * sideBend * (1 - 2 * bySide));

    const c = component[a]!;
    const block = blocks[c];
    if (!block) continue;
    const size = sizes[c]!;
    const [p, q] = [place[a]!, place[b]!];
    block[p * size + p]! += scoreCurve;
    block[q * size + q]! += scoreCurve;
    block[p * size + q]! -= scoreCurve;
    block[q * size + p]! -= scoreCurve;
    const coupling = couplings[w]!.get(c) ?? { skill: new Map(), side: new Map() };
    couplings[w]!.set(c, coupling);
    for (const [item, sign] of [
      [p, 1],
      [q, -1],
    ] as const) {
      coupling.skill.set(item, (coupling.skill.get(item) ?? 0) + sign * scoreSkill);
      coupling.side.set(item, (coupling.side.get(item) ?? 0) + sign * scoreSide);
    }
  }
  const factors = blocks.map((block, c) => block && factor(block, sizes[c]!));
  couplings.forEach((ofAnnotator, w) => {
    for (const [c, coupling] of ofAnnotator) {
      const cholesky = factors[c];
      if (cholesky) subtractCoupling(curvatures[w]!, cholesky, coupling);
    }
  });
  const deviations = curvatures.map(deviationsOf);
  return {
    leadDeviation: (a, b) => {
      const cholesky = factors[component[a]!];
      if (!cholesky || component[a] !== component[b]) return null;
      return leadDeviation(cholesky, place[a]!, place[b]!);
    },
    skillDeviations: deviations.map(([skill]) => skill),
    sideDeviations: deviations.map(([, side]) => side),
  };
};

/** Each item's component, its place there, and the components' sizes. */
const components = ({ items, a, b }: HalfVotes) => {
  const joined = new UnionFind(items.length);
  a.forEach((item, i) => {
    joined.join(item, b[i]!);
  });
  const component = joined.numbers();
  const sizes: number[] = [];
  const place = component.map((c) => {
    sizes[c] = (sizes[c] ?? 0) + 1;
    return sizes[c] - 1;
  });
  return { component, place, sizes };
};

/** L⁻¹ x for a vector with few entries. */
const solved = (cholesky: Cholesky, entries: ReadonlyMap<number, number>): Float64Array => {
  const x = new Float64Array(cholesky.size);
  for (const [i, value] of entries) x[i] = value;
  solveLower(cholesky, x);
  return x;
};

const dot = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);

const subtractCoupling = (curvature: Curvature, cholesky: Cholesky, { skill, side }: Coupling): void => {
  const [g, q] = [solved(cholesky, skill), solved(cholesky, side)];
  curvature[0] -= dot(g, g);
  curvature[1] -= dot(g, q);
  curvature[2] -= dot(q, q);
};

const deviationsOf = ([skill, both, side]: Curvature): [skill: number | null, side: number | null] => {
  const determinant = skill * side - both * both;
  return determinant > 0 && skill > 0
    ? [Math.sqrt(side / determinant), Math.sqrt(skill / determinant)]
    : [null, null];
};

const leadDeviation = (cholesky: Cholesky, a: number, b: number): number => {
  const x = solved(
    cholesky,
    new Map([
      [a, 1],
      [b, -1],
    ]),
  );
  return Math.sqrt(dot(x, x));
};
