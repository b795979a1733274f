/** @file A privacy policy: what is looked for, what is done with it, and the keys that it takes. */
import { plauditError } from '@plaudit/contract';
import { createDetector, type Detector, type DetectorOptions } from './detector.ts';
import { checkOperators, defaultOperator, type Operator } from './operators.ts';
import type { Keyring } from './vault.ts';

export interface PrivacySettings {
  /** Key of the project's pseudonyms, 32 bytes: `projectKey(masterKey.key, project)`. */
  readonly projectKey: Uint8Array;
  /** What is looked for. */
  readonly detector?: DetectorOptions;
  /** Operators by entity type, over the defaults: pseudonyms for people, nothing left of secrets and cards. */
  readonly operators?: Readonly<Record<string, Operator>>;
  /** Whether annotators' ids become pseudonyms. Default `keep`. */
  readonly annotators?: 'keep' | 'pseudonym';
  /** At least 16 bytes, for the operator `hash`. */
  readonly hashSalt?: Uint8Array;
  /** Where people's keys are, for the operator `encrypt`. */
  readonly keyring?: Keyring;
}

export interface PrivacyPolicy {
  readonly projectKey: Uint8Array;
  readonly detector: Detector;
  readonly operatorOf: (type: string) => Operator;
  readonly annotators: 'keep' | 'pseudonym';
  readonly hashSalt: Uint8Array | undefined;
  readonly keyring: Keyring | undefined;
}

/**
 * A policy from its settings.
 *
 * @example privacyPolicy({ projectKey: projectKey(master.key, 'support'), operators: { CARD: { mask: 4 } } })
 * @throws PlauditError privacy.policy where an operator is unknown or lacks its salt or its keyring
 * @throws RangeError for a project key of other than 32 bytes, and as `createDetector` does
 */
export const privacyPolicy = (settings: PrivacySettings): PrivacyPolicy => {
  const { projectKey, hashSalt, keyring, annotators = 'keep' } = settings;
  if (projectKey.length !== 32) throw new RangeError('a project key has 32 bytes');
  const operators = checkOperators(settings.operators ?? {});
  const used = Object.values(operators);
  const refuse = (problem: string) => plauditError('privacy.policy', { problem });
  if (annotators !== 'keep' && annotators !== 'pseudonym')
    throw refuse('annotators are kept or get a pseudonym');
  if (used.includes('hash') && (hashSalt?.length ?? 0) < 16)
    throw refuse('the operator hash needs a salt of at least 16 bytes');
  if (used.includes('encrypt') && keyring === undefined)
    throw refuse('the operator encrypt needs a master key');
  return {
    projectKey,
    detector: createDetector(settings.detector),
    operatorOf: (type) => (Object.hasOwn(operators, type) ? operators[type]! : defaultOperator(type)),
    annotators,
    hashSalt,
    keyring,
  };
};
