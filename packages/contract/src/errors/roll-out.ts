/** @file Errors of the registry, of roll-outs, experiments, monitoring, guardrails and the audit log. */
import type { ErrorRow } from './error.ts';

export const rollOutErrors = {
  'registry.bad_transition': {
    status: 409,
    exit: 'usage',
    message: 'A bundle that is {from} cannot become {to}.',
    cure: 'From {from} it can become: {possible}.',
  },
  'registry.golden_fixed': {
    status: 409,
    exit: 'usage',
    message: 'The golden scores of a bundle are recorded while it is a draft; {bundle} is {state}.',
    cure: 'Make the next version of the bundle and record its golden scores.',
  },
  'registry.few_golden': {
    status: 422,
    exit: 'input',
    message: 'Golden scores need at least {needed} responses whose texts are there; {found} are.',
    cure: 'Give more items, such as a sample of the test split.',
  },
  'registry.no_golden': {
    status: 409,
    exit: 'usage',
    message:
      'The bundle {bundle} has no golden scores, so that nothing shows that it scores here as it was evaluated.',
    cure: 'Record them while it is a draft.',
  },
  'registry.parity_failed': {
    status: 409,
    exit: 'input',
    message:
      'The bundle {bundle} does not score as recorded: the largest difference of {items} golden scores is {largest}, the tolerance {tolerance}.',
    cure: 'Look for another tokenizer, template, precision or engine than those it was evaluated with; then try again, or make a new version.',
  },
  'registry.not_evaluated': {
    status: 409,
    exit: 'usage',
    message: 'The bundle {bundle} has no evaluation on record.',
    cure: 'Evaluate its models on a held-out split and record the result with the bundle.',
  },
  'registry.tainted': {
    status: 409,
    exit: 'input',
    message: 'The bundle {bundle} was made from data of a person who has been erased.',
    cure: 'Train again on the successor of its snapshot, and promote that.',
  },
  'registry.approval_missing': {
    status: 409,
    exit: 'usage',
    message:
      'The project asks for four eyes: nobody but the people who made or promote the bundle {bundle} has approved it.',
    cure: 'Have somebody else approve it.',
  },
  'registry.own_approval': {
    status: 403,
    exit: 'usage',
    message: 'Who made a bundle cannot approve it.',
    cure: 'Have somebody else approve it.',
  },
  'registry.in_use': {
    status: 409,
    exit: 'usage',
    message: 'The {what} {name} is needed by what serves now: {deployments}.',
    cure: 'Promote or roll back to another bundle there first.',
  },
  'registry.nothing_to_roll_back': {
    status: 409,
    exit: 'usage',
    message: 'No earlier bundle of the deployment {deployment} can serve again.',
    cure: 'Promote another bundle, or make a new version of an earlier one.',
  },
  'rollout.no_production': {
    status: 409,
    exit: 'usage',
    message: 'The deployment {deployment} has no production bundle that a canary could be compared with.',
    cure: 'Promote one first.',
  },
  'rollout.bad_plan': {
    status: 422,
    exit: 'usage',
    message: 'The plan cannot be used: {problem}.',
    cure: 'Give rising steps up to 1 and at least one guardrail.',
  },
  'rollout.not_running': {
    status: 409,
    exit: 'usage',
    message: 'The roll-out is {status}.',
    cure: 'Look at its present state; start another one if that is what you want.',
  },
  'experiment.bad_plan': {
    status: 422,
    exit: 'usage',
    message: 'The plan of the experiment cannot be used: {problem}.',
    cure: 'Change the plan while the experiment is a draft.',
  },
  'experiment.not_running': {
    status: 409,
    exit: 'usage',
    message: 'The experiment is {state}; units are assigned and outcomes are taken while it runs.',
    cure: 'Start it, or make another one.',
  },
  'monitoring.webhook_refused': {
    status: 422,
    exit: 'usage',
    message: 'The webhook cannot be called: {problem}.',
    cure: 'Give an https address of a public host, or have an administrator allow the host or private addresses.',
  },
  'monitoring.undelivered': {
    status: 502,
    exit: 'unavailable',
    message: 'The alert could not be delivered by {channel}: {problem}.',
    cure: 'Check the address and that the other side answers; the incident is in the studio all the same.',
  },
  'monitoring.no_mail': {
    status: 422,
    exit: 'usage',
    message: 'No mail server is configured for this server.',
    cure: 'Start it with the address of an SMTP server, or use a webhook.',
  },
  'guardrail.bad_pattern': {
    status: 422,
    exit: 'usage',
    message: 'The pattern of the rule {rule} cannot be used: {problem}.',
    cure: 'Give a JavaScript regular expression that finishes quickly on any text.',
  },
  'guardrail.text_gone': {
    status: 410,
    exit: 'missing',
    message: 'The texts of the review {review} have been erased.',
    cure: 'Nothing is left to decide on; leave it.',
  },
  'audit.unreadable': {
    status: 422,
    exit: 'input',
    message: 'Line {line} of {path} is not an audit entry: {problem}.',
    cure: 'Export the log again; give the file as it was exported, one JSON entry a line.',
  },
  'audit.broken': {
    status: 422,
    exit: 'input',
    message: 'The audit log does not verify: {problem} at entry {seq}.',
    cure: 'Compare with an earlier export or checkpoint. What is before that entry still holds; what is after it proves nothing.',
  },
} as const satisfies Record<string, ErrorRow>;
