/** @file Taking personal data out of judgements on their way in: the policy of a project, and a tally of what was found. */
import type { PrivacyPolicy, ScrubbedJudgement } from '@plaudit/feedback';
import { masterKeyOfStore, type StoreOptions } from './open-store.ts';
import { count, plural } from './output/text.ts';

/** What the scrubber found, over all rows. */
export interface Scrubbed {
  /** Findings by entity type. */
  readonly found: Record<string, number>;
  /** Rows in which something was found. */
  rows: number;
  /** Rows whose responses differed only in what was taken out. */
  equal: number;
}

export const nothingScrubbed = (): Scrubbed => ({ found: {}, rows: 0, equal: 0 });

/**
 * The policy of a project: the same person is the same token in every import and every file that was scrubbed for it.
 *
 * @param keep Seals originals of what gets a pseudonym into the vault
 */
export const policyOfProject = async (
  { store, project }: StoreOptions,
  keep = false,
): Promise<PrivacyPolicy> => {
  const { createDetector, defaultOperator, Keyring, privacyPolicy, projectKey } = await import(
    '@plaudit/feedback'
  );
  const master = await masterKeyOfStore(store);
  const settings = { projectKey: projectKey(master.key, project) };
  if (!keep) return privacyPolicy(settings);
  const pseudonyms = createDetector()
    .recognisers.map(({ type }) => type)
    .filter((type) => defaultOperator(type) === 'pseudonym');
  return privacyPolicy({
    ...settings,
    operators: Object.fromEntries(pseudonyms.map((type) => [type, 'encrypt' as const])),
    keyring: new Keyring(master),
  });
};

export const tally = (scrubbed: Scrubbed, { findings, equalResponses }: ScrubbedJudgement): void => {
  if (findings.length > 0) scrubbed.rows++;
  if (equalResponses) scrubbed.equal++;
  for (const { type } of findings) scrubbed.found[type] = (scrubbed.found[type] ?? 0) + 1;
};

export const scrubbedText = ({ found, rows }: Scrubbed): string => {
  const types = Object.entries(found)
    .sort(([, a], [, b]) => b - a)
    .map(([type, times]) => `${type} ${count(times)}`);
  return types.length === 0 ? 'nothing personal was found' : `${plural(rows, 'row')}: ${types.join(', ')}`;
};
