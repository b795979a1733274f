/** @file The card of a bundle: what it is made of, what it was checked by, where it served, and what is not known of it. */
import type { Bundle, Model, Store } from '@plaudit/store';

export interface BundleCard {
  readonly bundle: Bundle;
  readonly models: readonly { readonly part: string; readonly model: Model }[];
  readonly evaluation: Readonly<Record<string, unknown>> | null;
  readonly golden: { readonly items: number; readonly deviation: number } | null;
  readonly parity: Readonly<Record<string, unknown>> | null;
  readonly approvals: readonly { readonly actor: string; readonly at: Date }[];
  /** Revisions in which it had a part, the newest first. */
  readonly served: readonly {
    readonly deployment: string;
    readonly revision: number;
    readonly as: 'production' | 'canary' | 'shadow';
    readonly since: Date;
  }[];
}

export const bundleCard = async (store: Store, bundle: Bundle): Promise<BundleCard> => {
  const parts: readonly (readonly [string, string | null])[] = [
    ['reward model', bundle.rewardModel],
    ['policy', bundle.policy],
    ['reference', bundle.reference],
  ];
  const models: { part: string; model: Model }[] = [];
  for (const [part, id] of parts) if (id !== null) models.push({ part, model: await store.models.get(id) });
  const records = await store.bundleRecords.of(bundle.id);
  const newest = (kind: string) => records.find((record) => record.kind === kind)?.document ?? null;
  const golden = newest('golden') as { items?: readonly unknown[]; deviation?: number } | null;
  const served: BundleCard['served'][number][] = [];
  for (const { name } of await store.deployments.list())
    for (const { revision, createdAt, ...of } of await store.deployments.history(name, 1000))
      for (const [as, id] of [
        ['production', of.bundle],
        ['canary', of.canary],
        ['shadow', of.shadow],
      ] as const)
        if (id === bundle.id) served.push({ deployment: name, revision, as, since: createdAt });
  return {
    bundle,
    models,
    evaluation: newest('evaluation'),
    golden: golden && { items: golden.items?.length ?? 0, deviation: golden.deviation ?? 0 },
    parity: newest('parity'),
    approvals: records
      .filter(({ kind }) => kind === 'approval')
      .map(({ actor, createdAt }) => ({ actor, at: createdAt })),
    served,
  };
};

/** Text that Markdown takes for text. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]<>()#+!|~-]/g, '\\$&').replace(/\s+/g, ' ');

/** Numbers and words of a document, by their path; lists only by their length. */
const flat = (value: unknown, path = ''): [string, string][] => {
  if (Array.isArray(value)) return [[path, `${value.length} entries`]];
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, of]) => flat(of, path === '' ? key : `${path}.${key}`));
  return [[path, typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value)]];
};

const linesAtMost = 60;

const table = (rows: readonly (readonly [string, string])[]): string[] => [
  '| | |',
  '| --- | --- |',
  ...rows.slice(0, linesAtMost).map(([name, value]) => `| ${plain(name)} | ${plain(value)} |`),
  ...(rows.length > linesAtMost ? [`| … | ${rows.length - linesAtMost} more |`] : []),
];

/** The card as Markdown. */
export const renderBundleCard = (card: BundleCard): string => {
  const { bundle, models, evaluation, golden, parity, approvals, served } = card;
  const unknown = [
    evaluation === null && 'It has not been evaluated.',
    golden === null &&
      'No golden scores were recorded: nothing shows that another installation scores as this one.',
    bundle.policy !== null &&
      bundle.reference === null &&
      'No reference model is named, so that no divergence can be measured.',
    bundle.taintedBy !== null &&
      'It was made from data of a person who has been erased, and must not be promoted.',
  ].filter((line) => line !== false);
  return [
    `# ${plain(bundle.name)} ${bundle.version}`,
    '',
    `State: ${bundle.state}. Made by ${plain(bundle.createdBy)} on ${bundle.createdAt.toISOString()}.`,
    '',
    'Scores are comparable between responses to one prompt, on the scale of this version only: a threshold does not carry over to another version.',
    '',
    ...models.flatMap(({ part, model }) => [
      `## The ${part}: ${plain(model.name)} ${model.version}`,
      '',
      ...table(flat(model.card)),
      '',
    ]),
    '## Evaluation',
    '',
    ...(evaluation ? table(flat(evaluation)) : ['None on record.']),
    '',
    '## Golden scores',
    '',
    ...(golden
      ? table([
          ['items', String(golden.items)],
          ['standard deviation', golden.deviation.toPrecision(4)],
          ...flat(parity ?? {}).map(([name, value]): [string, string] => [
            `last parity check: ${name}`,
            value,
          ]),
        ])
      : ['None on record.']),
    '',
    '## Normaliser and guardrails',
    '',
    ...table([...flat(bundle.normaliser, 'normaliser'), ...flat(bundle.guardrails, 'guardrails')]),
    '',
    '## Approved by',
    '',
    ...(approvals.length === 0
      ? ['Nobody.']
      : approvals.map(({ actor, at }) => `- ${plain(actor)}, ${at.toISOString()}`)),
    '',
    '## Served',
    '',
    ...(served.length === 0
      ? ['Nowhere yet.']
      : served.map(
          ({ deployment, revision, as, since }) =>
            `- ${plain(deployment)}, revision ${revision}, as ${as}, since ${since.toISOString()}`,
        )),
    ...(unknown.length === 0 ? [] : ['', '## What is not known', '', ...unknown.map((line) => `- ${line}`)]),
    '',
  ].join('\n');
};
