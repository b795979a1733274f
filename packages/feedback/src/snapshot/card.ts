/** @file The card of a dataset, in Markdown: what is in it, where it comes from, and what is known to be wanting. */
import type { Counts, SnapshotFacts } from './facts.ts';

/** What only a person can say of a dataset. */
export interface CardOptions {
  readonly name: string;
  /** The snapshot's id, so that a reader knows which rows the numbers are of. */
  readonly snapshot?: string;
  /** As an SPDX identifier or in words. */
  readonly licence: string;
  readonly description?: string;
  readonly uses?: readonly string[];
  /** Limits that the facts do not show. */
  readonly limits?: readonly string[];
  readonly gates?: readonly CardGate[];
  /** Values that fewer judgements have are counted together, so that nobody stands alone. Default 5. */
  readonly smallestCell?: number;
}

/** What a quality gate said of the snapshot. */
export interface CardGate {
  readonly name: string;
  readonly passed: boolean;
  readonly reason: string;
}

/** Rows of a table before the rest is summed up. */
const mostRows = 20;

/**
 * The card, as it goes into `README.md` beside the data: a header that the Hugging Face Hub reads, then sections.
 *
 * @example datasetCard(await snapshotFacts(judgements), { name: 'Support answers', licence: 'CC-BY-4.0' })
 */
export const datasetCard = (facts: SnapshotFacts, options: CardOptions): string => {
  const smallest = options.smallestCell ?? 5;
  const table = (title: string, counts: Counts, heading: string): string[] =>
    Object.keys(counts).length === 0
      ? []
      : [`## ${title}`, countsTable(heading, counts, facts.judgements, smallest)];
  const sections = [
    `# ${inline(options.name)}`,
    ...(options.description === undefined ? [] : [inline(options.description)]),
    overview(facts, options),
    ...(options.uses && options.uses.length > 0 ? ['## Uses', bullets(options.uses)] : []),
    ...table('Kinds of judgement', facts.kinds, 'kind'),
    ...table('Criteria', facts.criteria, 'criterion'),
    ...table('Outcomes of comparisons', facts.outcomes, 'outcome'),
    ...table('Who judged', facts.annotatorKinds, 'kind of annotator'),
    ...table('Languages', facts.languages, 'language'),
    ...table('Sources', facts.sources, 'source'),
    ...Object.entries(facts.segments).flatMap(([name, counts]) =>
      table(`Segment: ${inline(name)}`, counts, inline(name)),
    ),
    ...(options.gates && options.gates.length > 0 ? ['## Quality gates', gatesTable(options.gates)] : []),
    '## Known limits',
    bullets([...(options.limits ?? []), ...limitsOf(facts)]),
  ];
  return `${frontMatter(facts, options)}\n${sections.join('\n\n')}\n`;
};

/** The header in YAML. JSON strings are YAML strings, so nothing in a name can end the header. */
const frontMatter = ({ languages, judgements }: SnapshotFacts, { name, licence }: CardOptions): string => {
  const codes = Object.keys(languages).filter((code) => /^[a-z]{2,3}$/.test(code));
  return [
    '---',
    `pretty_name: ${JSON.stringify(name)}`,
    `license: ${JSON.stringify(licence.toLowerCase())}`,
    ...(codes.length > 0 ? [`language: ${JSON.stringify(codes)}`] : []),
    `size_categories: ${JSON.stringify([sizeCategory(judgements)])}`,
    'tags: ["preference", "reward-model"]',
    '---',
    '',
  ].join('\n');
};

/** The Hub's names of sizes. */
const sizeCategory = (rows: number): string => {
  const bounds: [number, string][] = [
    [1e3, 'n<1K'],
    [1e4, '1K<n<10K'],
    [1e5, '10K<n<100K'],
    [1e6, '100K<n<1M'],
    [1e7, '1M<n<10M'],
    [1e8, '10M<n<100M'],
  ];
  return bounds.find(([bound]) => rows < bound)?.[1] ?? 'n>100M';
};

const overview = (facts: SnapshotFacts, { snapshot, licence }: CardOptions): string => {
  const { responseCharacters: length, time } = facts;
  return bullets([
    ...(snapshot === undefined ? [] : [`Snapshot: ${snapshot}`]),
    `Licence: ${licence}`,
    `Judgements: ${count(facts.judgements)} on ${count(facts.prompts)} prompts`,
    `Annotators who are told apart: ${count(facts.annotators)}`,
    ...(facts.softLabels > 0 ? [`Judgements with soft labels: ${count(facts.softLabels)}`] : []),
    ...(time ? [`Judged from ${time.first.slice(0, 10)} to ${time.last.slice(0, 10)}`] : []),
    `Characters of a response: ${count(Math.round(length.mean))} on average, ${count(length.most)} at most`,
  ]);
};

/** What the facts say is wanting, and what follows from it. */
const limitsOf = (facts: SnapshotFacts): string[] => {
  const { missing, judgements, kinds, annotatorKinds } = facts;
  const sideBySide = (kinds.comparison ?? 0) + (kinds.ranking ?? 0);
  const some = (wanting: number, of: number, text: string): string[] =>
    wanting > 0 ? [`${share(wanting, of)} ${text}`] : [];
  return [
    ...some(
      missing.annotator,
      judgements,
      'do not say who judged: agreement between annotators is unknown for them.',
    ),
    ...some(missing.annotatorKind, judgements, 'do not say whether a person, a model or a program judged.'),
    ...some(
      missing.position,
      sideBySide,
      'of those that set responses side by side do not say which stood first: position bias cannot be measured there.',
    ),
    ...some(missing.time, judgements, 'do not say when they were given: drift cannot be seen.'),
    ...some(
      missing.selectionProbability,
      judgements,
      'do not say with which probability they were chosen: they need not stand for the prompts that users send.',
    ),
    ...some(annotatorKinds.model ?? 0, judgements, 'are by a model, whose biases they carry.'),
    ...some(
      annotatorKinds.implicit ?? 0,
      judgements,
      'are inferred from what users did, and not said by anyone.',
    ),
    ...some(annotatorKinds.simulated ?? 0, judgements, 'are simulated, and tell nothing of people.'),
  ];
};

const share = (part: number, of: number): string =>
  part === of ? `All ${count(of)}` : `${count(part)} of ${count(of)} (${percent(part, of)})`;

const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)}%`;
const count = (value: number): string => value.toLocaleString('en-US');

/** The most frequent values; those of a few judgements, and those beyond the table's end, are counted together. */
const countsTable = (heading: string, counts: Counts, of: number, smallest: number): string => {
  const all = Object.entries(counts);
  const large = all.filter(([, n]) => n >= smallest);
  const shown = large.slice(0, mostRows);
  const rest = all.filter((one) => !shown.includes(one));
  const rows = shown.map(([name, n]) => [inline(name), count(n), percent(n, of)]);
  if (rest.length > 0) {
    const sum = rest.reduce((total, [, n]) => total + n, 0);
    const told = sum < smallest ? [`fewer than ${smallest}`, ''] : [count(sum), percent(sum, of)];
    rows.push([`(${count(rest.length)} others)`, ...told]);
  }
  return markdownTable([heading, 'judgements', 'share'], rows);
};

const gatesTable = (gates: readonly CardGate[]): string =>
  markdownTable(
    ['gate', 'passed', 'reason'],
    gates.map(({ name, passed, reason }) => [inline(name), passed ? 'yes' : 'no', inline(reason)]),
  );

const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const bullets = (items: readonly string[]): string => items.map((item) => `- ${inline(item)}`).join('\n');

/** Text from a file as plain words: no markup, no line breaks, not endless. */
const inline = (text: string): string =>
  [...text.replaceAll(/[\s\p{C}]+/gu, ' ').trim()]
    .slice(0, 400)
    .join('')
    .replaceAll(/[\\`*_{}[\]<>#|~!&]/g, (mark) => `\\${mark}`);
