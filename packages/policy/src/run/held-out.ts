/** @file The prompts that a run held out, as rows of a file beside the policy: what it may be looked at on later. */
import type { Side } from './open-method.ts';

export const heldOutFile = 'held-out.jsonl';

/** Rows of one prompt each, as `plaudit policy generate` reads them. */
export const heldOutRows = (side: Side): string => {
  const prompts = side.kind === 'online' ? side.heldOut : side.validation.map(({ prompt }) => prompt);
  return prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join('');
};
