/** @file Answers as annotators give them, by the places on their screen, and what they say of the item's record. */
import { canonicalJson, type Judgement, type Prompt, type Provenance, plauditError } from '@plaudit/contract';
import { z } from 'zod';

export const kinds = ['pairwise', 'ranking', 'rating', 'edit', 'steps'] as const;
export type Kind = (typeof kinds)[number];

/** What a comparison asks for: one answer, or one for each criterion of the rubric. */
export const asked = ['overall', 'criteria'] as const;
type Asked = (typeof asked)[number];

const place = z.number().int().min(0).max(99);
const sides = {
  outcome: z.enum(['first', 'second', 'tie', 'both_bad']),
  strength: z.enum(['slightly', 'clearly', 'much']).optional(),
};
const sided = z.object(sides);

/** Places are counted from 0 in the order shown. */
export const answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pairwise'), ...sides }),
  z.object({
    kind: z.literal('criteria'),
    /** By the name of the criterion. */
    comparisons: z.record(z.string().max(200), sided),
  }),
  z.object({
    kind: z.literal('ranking'),
    /** Best group first; the members of a group are equal. What is in none was not ranked. */
    groups: z.array(z.array(place).min(1)).min(1).max(100),
  }),
  z.object({
    kind: z.literal('rating'),
    /** By the name of the criterion. */
    values: z.record(z.string().max(200), z.number()),
  }),
  z.object({ kind: z.literal('edit'), rewrite: z.string().min(1).max(200_000) }),
  z.object({ kind: z.literal('steps'), labels: z.array(z.boolean().nullable()).min(1).max(10_000) }),
]);
export type Answer = z.output<typeof answer>;

interface Scale {
  readonly least: number;
  readonly most: number;
}

/** What was shown, as far as an answer says something of it. */
export interface Shown {
  readonly kind: Kind;
  /** Default `overall`. */
  readonly asks?: Asked | undefined;
  readonly prompt: Prompt;
  /** In the order of the record. */
  readonly responses: readonly string[];
  /** Index in the record of each place on the screen. */
  readonly order: readonly number[];
  readonly criteria: readonly { readonly name: string; readonly scale: Scale }[];
}

/** What was chosen, in the order of the record and without any text: votes on an item can be compared. */
export type ItemVote =
  | Outcome
  | Readonly<Record<string, Outcome>>
  | readonly (readonly number[])[]
  | readonly (boolean | null)[]
  | Readonly<Record<string, number>>;

type Outcome = 'a' | 'b' | 'tie' | 'both_bad';

const wrong = (problem: string): Error => plauditError('labelling.bad_answer', { problem });

/** The steps of a response: its paragraphs, or its lines where it has only one paragraph. */
export const stepsOf = (response: string): { readonly steps: string[]; readonly separator: string } => {
  const separator = response.includes('\n\n') ? '\n\n' : '\n';
  return { steps: response.split(separator), separator };
};

/**
 * What an answer says of the record; null for an edit, whose words cannot be compared.
 *
 * @throws PlauditError labelling.bad_answer
 */
export const voteOf = (given: Answer, shown: Shown): ItemVote | null => {
  const wanted = shown.asks === 'criteria' ? 'criteria' : shown.kind;
  if (given.kind !== wanted) throw wrong(`it is of kind ${given.kind}, and ${wanted} was asked`);
  switch (given.kind) {
    case 'pairwise':
      return outcomeOf(given, shown);
    case 'criteria': {
      const votes = shown.criteria.map(({ name }) => {
        const found = given.comparisons[name];
        if (found === undefined) throw wrong('a criterion is not compared');
        return [name, outcomeOf(found, shown)] as const;
      });
      if (Object.keys(given.comparisons).length > votes.length)
        throw wrong('it compares by what is no criterion');
      return Object.fromEntries(votes);
    }
    case 'ranking': {
      const places = given.groups.flat();
      if (new Set(places).size < places.length) throw wrong('a response is ranked twice');
      if (places.some((at) => at >= shown.order.length)) throw wrong('it ranks what was not shown');
      if (places.length < 2) throw wrong('fewer than two responses are ranked');
      return given.groups.map((group) => group.map((at) => shown.order[at]!).sort((a, b) => a - b));
    }
    case 'rating': {
      for (const { name, scale } of shown.criteria) {
        const value = given.values[name];
        if (value === undefined) throw wrong('a criterion has no value');
        if (value < scale.least || value > scale.most) throw wrong('a value is outside its scale');
      }
      if (Object.keys(given.values).length > shown.criteria.length)
        throw wrong('it values what is no criterion');
      return given.values;
    }
    case 'edit':
      if (given.rewrite === shown.responses[0]) throw wrong('nothing has been changed');
      return null;
    case 'steps':
      if (given.labels.length !== stepsOf(shown.responses[0]!).steps.length)
        throw wrong('there is not one label for each step');
      if (given.labels.every((label) => label === null)) throw wrong('no step is labelled');
      return given.labels;
  }
};

const outcomeOf = ({ outcome, strength }: z.output<typeof sided>, { order }: Shown): Outcome => {
  if (outcome === 'first' || outcome === 'second')
    return order[outcome === 'first' ? 0 : 1] === 0 ? 'a' : 'b';
  if (strength !== undefined) throw wrong('where none is better, there is no strength');
  return outcome;
};

/**
 * The judgements of an answer: of a rating, and of a comparison by criteria, one for each criterion, of everything else one. The same answer with the same
 * provenance makes the same judgements, whenever they are made.
 *
 * @throws PlauditError labelling.bad_answer
 */
export const judgementsOf = (given: Answer, shown: Shown, from: Provenance): readonly Judgement[] => {
  const vote = voteOf(given, shown);
  const { prompt, responses, order } = shown;
  const response = responses[0]!;
  const comparison = (outcome: Outcome, { strength }: z.output<typeof sided>) => ({
    kind: 'comparison' as const,
    prompt,
    responses: [response, responses[1]!] as [string, string],
    outcome,
    ...(strength && { strength }),
    provenance: { ...from, shownFirst: order[0] as 0 | 1 },
  });
  switch (given.kind) {
    case 'pairwise':
      return [comparison(vote as Outcome, given)];
    case 'criteria':
      return shown.criteria.map(({ name }) => ({
        ...comparison((vote as Record<string, Outcome>)[name]!, given.comparisons[name]!),
        criterion: name,
      }));
    case 'ranking':
      return [
        {
          kind: 'ranking',
          prompt,
          responses: [...responses],
          groups: (vote as readonly (readonly number[])[]).map((group) => [...group]),
          provenance: { ...from, shown: [...order] },
        },
      ];
    case 'rating':
      return shown.criteria.map(({ name, scale }) => ({
        kind: 'rating',
        prompt,
        response,
        criterion: name,
        value: given.values[name]!,
        scale: { ...scale },
        provenance: from,
      }));
    case 'edit':
      return [{ kind: 'edit', prompt, response, rewrite: given.rewrite, provenance: from }];
    case 'steps':
      return [{ kind: 'steps', prompt, ...stepsOf(response), labels: given.labels, provenance: from }];
  }
};

/** How far from the known value a rating may be, as a share of its scale. */
const ratingTolerance = 0.25;

/**
 * Whether two votes say the same; of ratings, whether no criterion differs by more than a quarter of its scale. Of votes by
 * criteria only criteria count that both speak of.
 */
export const votesAgree = (one: unknown, other: unknown, criteria: Shown['criteria']): boolean => {
  if (!isByCriterion(one) || !isByCriterion(other)) return canonicalJson(one) === canonicalJson(other);
  return criteria.every(({ name, scale: { least, most } }) => {
    const [mine, theirs] = [one[name], other[name]];
    if (mine === undefined || theirs === undefined) return true;
    return typeof mine === 'number' && typeof theirs === 'number'
      ? Math.abs(mine - theirs) <= ratingTolerance * (most - least)
      : mine === theirs;
  });
};

const isByCriterion = (vote: unknown): vote is Readonly<Record<string, unknown>> =>
  typeof vote === 'object' && vote !== null && !Array.isArray(vote);
