/** @file Answers as annotators give them, by the places on their screen, and what they say of the item's record. */
import { canonicalJson, type Judgement, type Prompt, type Provenance, plauditError } from '@plaudit/contract';
import { z } from 'zod';

export const kinds = ['pairwise', 'ranking', 'rating', 'edit', 'steps'] as const;
export type Kind = (typeof kinds)[number];

const place = z.number().int().min(0).max(99);

/** Places are counted from 0 in the order shown. */
export const answer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pairwise'),
    outcome: z.enum(['first', 'second', 'tie', 'both_bad']),
    strength: z.enum(['slightly', 'clearly', 'much']).optional(),
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
  readonly prompt: Prompt;
  /** In the order of the record. */
  readonly responses: readonly string[];
  /** Index in the record of each place on the screen. */
  readonly order: readonly number[];
  readonly criteria: readonly { readonly name: string; readonly scale: Scale }[];
}

/** What was chosen, in the order of the record and without any text: votes on an item can be compared. */
export type ItemVote =
  | 'a'
  | 'b'
  | 'tie'
  | 'both_bad'
  | readonly (readonly number[])[]
  | readonly (boolean | null)[]
  | Readonly<Record<string, number>>;

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
  if (given.kind !== shown.kind) throw wrong(`it is of kind ${given.kind}, and ${shown.kind} was asked`);
  switch (given.kind) {
    case 'pairwise': {
      if (given.outcome === 'tie' || given.outcome === 'both_bad') {
        if (given.strength !== undefined) throw wrong('where none is better, there is no strength');
        return given.outcome;
      }
      return shown.order[given.outcome === 'first' ? 0 : 1] === 0 ? 'a' : 'b';
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

/**
 * The judgements of an answer: of a rating one for each criterion, of everything else one. The same answer with the same
 * provenance makes the same judgements, whenever they are made.
 *
 * @throws PlauditError labelling.bad_answer
 */
export const judgementsOf = (given: Answer, shown: Shown, from: Provenance): readonly Judgement[] => {
  const vote = voteOf(given, shown);
  const { prompt, responses, order } = shown;
  const response = responses[0]!;
  switch (given.kind) {
    case 'pairwise':
      return [
        {
          kind: 'comparison',
          prompt,
          responses: [response, responses[1]!],
          outcome: vote as 'a' | 'b' | 'tie' | 'both_bad',
          ...(given.strength && { strength: given.strength }),
          provenance: { ...from, shownFirst: order[0] as 0 | 1 },
        },
      ];
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

/** Whether two votes say the same; of ratings, whether no criterion differs by more than a quarter of its scale. */
export const votesAgree = (one: unknown, other: unknown, criteria: Shown['criteria']): boolean => {
  if (!isRating(one) || !isRating(other)) return canonicalJson(one) === canonicalJson(other);
  return criteria.every(({ name, scale: { least, most } }) => {
    const [mine, theirs] = [one[name], other[name]];
    return (
      mine === undefined ||
      theirs === undefined ||
      Math.abs(mine - theirs) <= ratingTolerance * (most - least)
    );
  });
};

const isRating = (vote: unknown): vote is Readonly<Record<string, number>> =>
  typeof vote === 'object' && vote !== null && !Array.isArray(vote);
