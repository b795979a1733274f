/** @file The thread that looks for personal data: a text full of it takes seconds, in which requests are answered all the same. */
import { type PrivacyPolicy, privacyPolicy, scrubJudgement } from '@plaudit/feedback';
import { answerTasks } from '../serving/asked-thread.ts';
import type { ScrubResult, ScrubTask } from './scrub-protocol.ts';

/** By the key of the project: making one takes longer than most texts. */
const policies = new Map<string, PrivacyPolicy>();
const mostPolicies = 100;

const policyOf = (projectKey: Uint8Array): PrivacyPolicy => {
  const name = Buffer.from(projectKey).toString('hex');
  const policy = policies.get(name) ?? privacyPolicy({ projectKey });
  if (policies.size >= mostPolicies) policies.clear();
  policies.set(name, policy);
  return policy;
};

const scrub = ({ judgement: given, projectKey }: ScrubTask): ScrubResult => {
  const { judgement, subjects, findings } = scrubJudgement(given, policyOf(projectKey));
  const found: Record<string, number> = {};
  for (const { type } of findings) found[type] = (found[type] ?? 0) + 1;
  return { judgement, subjects, found };
};

answerTasks(scrub);
