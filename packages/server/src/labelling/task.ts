/** @file Making a labelling task: what is to be judged is brought together, a random slice is set apart, checks are mixed in. */
import { type Prompt, plauditError, prompt, Random } from '@plaudit/contract';
import { responsesOf } from '@plaudit/feedback';
import { type NewLabellingItem, promptId, responseId, type Store } from '@plaudit/store';
import { z } from 'zod';
import { asked, type Kind, kinds, stepsOf } from './answer.ts';
import { orderingKinds } from './live/preferences.ts';

const text = z.string().max(200_000);
const facts = z.object({
  language: z.string().max(35).optional(),
  segments: z.record(z.string().max(100), z.string().max(200)).optional(),
});
const itemTexts = z.object({
  prompt: z.union([text.min(1), prompt]),
  responses: z.array(text).min(1).max(20),
  ...facts.shape,
});
const groups = z.array(z.array(z.number().int().min(0)).min(1)).min(1);
const checkItem = z.object({
  ...itemTexts.shape,
  /** `a` is the first of `responses`; indices are those of `responses`. */
  right: z.union([
    z.enum(['a', 'b', 'tie', 'both_bad']),
    groups,
    z.array(z.boolean().nullable()).min(1),
    z.record(z.string(), z.union([z.number(), z.enum(['a', 'b', 'tie', 'both_bad'])])),
  ]),
});

const criterion = z.object({
  name: z.string().min(1).max(100),
  description: z.string().max(2000).default(''),
  scale: z
    .object({ least: z.number(), most: z.number() })
    .refine(({ least, most }) => least < most, 'begins below its end'),
  weight: z.number().positive().default(1),
  /** Worked examples, shown beside the item. */
  examples: z
    .array(
      z.object({
        title: z.string().max(200).optional(),
        prompt: text.optional(),
        response: text.optional(),
        value: z.union([z.number(), z.string().max(200)]),
        because: z.string().max(4000),
      }),
    )
    .max(20)
    .default([]),
});

export const newTask = z.object({
  name: z.string().min(1).max(100),
  kind: z.enum(kinds),
  /** Of a comparison: one answer, or one for each criterion of the rubric. */
  asks: z.enum(asked).default('overall'),
  /** A rubric that is published, by name, or one to publish. */
  rubric: z
    .union([
      z.object({
        name: z.string(),
        guideline: z.string().max(100_000),
        criteria: z.array(criterion).max(30),
      }),
      z.object({ name: z.string(), version: z.number().int().positive().optional() }),
    ])
    .optional(),
  /** Data set of the judgements. Default the task's name. */
  dataset: z.string().optional(),
  /** Annotators who judge each item. */
  redundancy: z.number().int().min(1).max(20).default(1),
  /** Whom it is given to, such as `user:ID`; nobody: all who label in the project. */
  annotators: z.array(z.string().min(1).max(200)).max(1000).default([]),
  items: z.array(itemTexts).max(10_000).default([]),
  /** Stored prompts with their responses. */
  prompts: z.array(z.string()).max(10_000).default([]),
  /** A snapshot, by id or tag: its prompts with all their responses are judged anew. */
  snapshot: z.string().optional(),
  /** At most so many items; those that come first, but for the random slice. */
  take: z.number().int().positive().max(100_000).optional(),
  /**
   * In which order items are given out: at random, or first those of which the live model is least certain. Only of kinds
   * that put responses in order.
   */
  order: z.enum(['uniform', 'entropy']).default('uniform'),
  /** A checkpoint below the store's `models` that the live model reads texts with; default: their words and their form. */
  encoder: z
    .string()
    .max(300)
    .regex(/^models(\/[\w][\w.-]*)+$/, 'it is models/NAME')
    .optional(),
  /** Share of the showings that stay at random where the model asks for the others. */
  uniformShare: z.number().min(0.05).max(1).default(0.25),
  /** Share of the items taken that is drawn at random from all that could have been. */
  control: z.number().min(0).max(1).default(0.1),
  gold: z.array(checkItem).max(1000).default([]),
  /** Share of showings that are gold. */
  goldShare: z.number().min(0).max(0.5).default(0.05),
  attention: z.array(checkItem).max(1000).default([]),
  attentionShare: z.number().min(0).max(0.5).default(0.02),
  /** Annotators pause when they are shown to be right less often than this on gold items. */
  goldBar: z.number().gt(0).lt(1).default(0.7),
});
export type NewTask = z.output<typeof newTask>;

/** Kept with the task. */
export const taskSettings = z.object({
  seed: z.number(),
  asks: newTask.shape.asks,
  order: newTask.shape.order,
  encoder: newTask.shape.encoder,
  uniformShare: newTask.shape.uniformShare,
  goldShare: z.number(),
  attentionShare: z.number(),
  goldBar: z.number(),
});

type Candidate = z.output<typeof itemTexts>;

const fewest: Readonly<Record<Kind, number>> = { pairwise: 2, ranking: 3, rating: 1, edit: 1, steps: 1 };

/**
 * @param seed Of what is random in the task: its random slice, when checks are shown, and sides.
 * @throws PlauditError labelling.bad_item, labelling.bad_setting, labelling.nothing_to_label, labelling.rubric_needed, store.taken, store.unknown
 */
export const createTask = async (
  store: Store,
  wanted: NewTask,
  by: { readonly actor: string; readonly seed: number },
): Promise<string> => {
  const { kind, asks, redundancy, goldShare, attentionShare, goldBar, order, uniformShare, encoder } = wanted;
  if ((order === 'entropy' || encoder !== undefined) && !orderingKinds.includes(kind))
    throw badSetting('only comparisons and rankings have a live model');
  if (asks === 'criteria' && kind !== 'pairwise')
    throw badSetting('only comparisons are asked for by criteria');
  const rubric = await rubricOf(store, wanted);
  const pool = withoutRepeats([
    ...wanted.items.flatMap((item, at) => fit(kind, item, at + 1)),
    ...(await storedItems(store, wanted)).flatMap((item) => arranged(kind, item)),
  ]);
  if (pool.length === 0) throw plauditError('labelling.nothing_to_label', { kind });
  const chosen = choose(pool, wanted, new Random(by.seed, 'control'));
  const checks = (['gold', 'attention'] as const).flatMap((purpose) =>
    wanted[purpose].map((item, at) => {
      const { right, ...texts } = item;
      if (!isPossible(asks === 'criteria' ? 'criteria' : kind, right, texts))
        throw badItem(at + 1, `${purpose}: its right answer does not fit`);
      const fitting = fit(kind, texts, at + 1);
      return { ...fitting[0]!, purpose, selectedBy: purpose, known: right };
    }),
  );
  const items: NewLabellingItem[] = [];
  for (const { prompt, responses, language, segments, ...rest } of [...chosen, ...checks])
    items.push({
      ...rest,
      ...(await stored(store, promptOf(prompt), responses)),
      facts: { ...(language && { language }), ...(segments && { segments }) },
    });
  const annotators: string[] = [];
  for (const name of wanted.annotators) annotators.push((await store.annotators.ensure(name, 'human')).id);
  return store.labelling.create(
    {
      name: wanted.name,
      kind,
      ...(rubric && { rubric }),
      dataset: wanted.dataset ?? wanted.name,
      redundancy,
      annotators,
      settings: {
        seed: by.seed,
        asks,
        order,
        ...(encoder !== undefined && { encoder }),
        uniformShare,
        goldShare,
        attentionShare,
        goldBar,
      },
      createdBy: by.actor,
    },
    items,
  );
};

const badItem = (item: number, problem: string): Error =>
  plauditError('labelling.bad_item', { item, problem });

const badSetting = (problem: string): Error => plauditError('labelling.bad_setting', { problem });

const promptOf = (given: Candidate['prompt']): Prompt =>
  typeof given === 'string' ? [{ role: 'user', content: given }] : given;

/** @returns The rubric's id. */
const rubricOf = async (store: Store, { kind, asks, rubric }: NewTask): Promise<string | undefined> => {
  const isNeeded = kind === 'rating' || asks === 'criteria';
  const requireCriteria = (criteria: readonly unknown[]): void => {
    if (isNeeded && criteria.length === 0) throw plauditError('labelling.rubric_needed');
  };
  if (!rubric) {
    requireCriteria([]);
    return undefined;
  }
  if ('criteria' in rubric) {
    requireCriteria(rubric.criteria);
    if (new Set(rubric.criteria.map(({ name }) => name)).size < rubric.criteria.length)
      throw badSetting('two criteria of the rubric have one name');
    return (await store.rubrics.publish(rubric.name, rubric.guideline, rubric.criteria)).id;
  }
  const found = await store.rubrics.get(rubric.name, rubric.version);
  requireCriteria(found.criteria);
  return found.id;
};

/** What was named by id, with all responses to each prompt. */
const storedItems = async (store: Store, wanted: NewTask): Promise<Candidate[]> => {
  const found: Candidate[] = [];
  for (const id of wanted.prompts) {
    const { prompt, responses } = await store.prompts.get(id);
    if (prompt) found.push({ prompt, responses: responses.flatMap(({ text }) => text ?? []) });
  }
  if (wanted.snapshot === undefined) return found;
  const { id } = await store.snapshots.find(wanted.snapshot);
  const byPrompt = new Map<string, Candidate & { readonly responses: string[] }>();
  for await (const judgement of store.snapshots.rows(id)) {
    const key = promptId(judgement.prompt);
    const { language, segments } = judgement.provenance;
    const item = byPrompt.get(key) ?? {
      prompt: judgement.prompt,
      responses: [],
      ...(language && { language }),
      ...(segments && { segments }),
    };
    byPrompt.set(key, item);
    for (const response of responsesOf(judgement))
      if (!item.responses.includes(response)) item.responses.push(response);
  }
  return [...found, ...byPrompt.values()];
};

/** An item that was given whole: it has to fit the kind as it is. */
const fit = (kind: Kind, item: Candidate, at: number): Candidate[] => {
  const { responses } = item;
  if (new Set(responses).size < responses.length) throw badItem(at, 'two of its responses are the same');
  if (kind === 'pairwise' && responses.length !== 2) throw badItem(at, 'a comparison has two responses');
  if (responses.length < fewest[kind]) throw badItem(at, `it has fewer than ${fewest[kind]} responses`);
  if (fewest[kind] === 1 && responses.length !== 1) throw badItem(at, 'it has more than one response');
  return [item];
};

/** The items of a prompt with some responses: neighbouring pairs, one ranking of up to eight, or each response by itself. */
const arranged = (kind: Kind, item: Candidate): Candidate[] => {
  const { responses } = item;
  if (responses.length < fewest[kind]) return [];
  if (kind === 'pairwise')
    return responses.slice(1).map((second, at) => ({ ...item, responses: [responses[at]!, second] }));
  if (kind === 'ranking') return [{ ...item, responses: responses.slice(0, 8) }];
  return responses.map((response) => ({ ...item, responses: [response] }));
};

const withoutRepeats = (items: readonly Candidate[]): Candidate[] => {
  const seen = new Map<string, Candidate>();
  for (const item of items) {
    const prompt = promptId(promptOf(item.prompt));
    const key = item.responses
      .map((response) => responseId(prompt, response))
      .sort()
      .join();
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
};

/**
 * The random slice is drawn first, uniformly from the whole pool, so that its probability is known; the others are those that
 * come first of the rest. Where everything is taken, everything was certain to be.
 */
const choose = (pool: readonly Candidate[], { take = pool.length, control }: NewTask, random: Random) => {
  const size = Math.min(take, pool.length);
  const drawn = Math.round(size * control);
  const certain = size === pool.length;
  const order = [...random.permutation(pool.length)];
  const slice = new Set(order.slice(0, drawn));
  const rest = pool.flatMap((_, at) => (slice.has(at) ? [] : [at])).slice(0, size - drawn);
  const places = [...slice, ...rest];
  // In a random order: what is shown early is no different from what is shown late.
  return [...random.permutation(places.length)].map((i) => {
    const at = places[i]!;
    const isControl = slice.has(at);
    return {
      ...pool[at]!,
      purpose: isControl ? ('control' as const) : ('label' as const),
      selectedBy: isControl ? 'uniform' : 'given order',
      ...(certain ? { probability: 1 } : isControl && { probability: drawn / pool.length }),
    };
  });
};

const stored = async (store: Store, prompt: Prompt, responses: readonly string[]) => {
  const id = await store.prompts.add(prompt);
  const ids: string[] = [];
  for (const response of responses) ids.push(await store.prompts.addResponse(id, response));
  return { prompt: id, responses: ids };
};

const isPossible = (
  kind: Kind | 'criteria',
  right: z.output<typeof checkItem>['right'],
  { responses }: Candidate,
): boolean => {
  if (kind === 'pairwise') return typeof right === 'string';
  if (kind === 'rating' || kind === 'criteria') {
    const type = kind === 'rating' ? 'number' : 'string';
    return (
      typeof right === 'object' &&
      !Array.isArray(right) &&
      Object.values(right).every((value) => typeof value === type)
    );
  }
  if (!Array.isArray(right)) return false;
  if (kind === 'ranking') {
    const places = right.flat();
    return (
      right.every(Array.isArray) &&
      places.length > 1 &&
      new Set(places).size === places.length &&
      places.every((at) => typeof at === 'number' && at < responses.length)
    );
  }
  return (
    kind === 'steps' && right.length === stepsOf(responses[0]!).steps.length && !right.some(Array.isArray)
  );
};
