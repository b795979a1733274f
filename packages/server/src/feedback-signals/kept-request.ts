/** @file Requests with an Idempotency-Key: the same one twice is done once, also where the first one was cut off in the middle. */
import { createHash } from 'node:crypto';
import { canonicalJson, plauditError } from '@plaudit/contract';
import { idsInOrder, type Store } from '@plaudit/store';

const keyForm = /^[\x21-\x7e]{1,255}$/;

/** @param header As it came @throws PlauditError request.invalid */
export const idempotencyKeyOf = (header: string | readonly string[] | undefined): string | undefined => {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && keyForm.test(header)) return header;
  throw plauditError('request.invalid', {
    problem: 'header Idempotency-Key: it has 1 to 255 visible ASCII characters',
  });
};

/** What a request is done with, so that doing it again writes the same rows. */
export interface Doing {
  readonly at: Date;
  readonly newId: () => string;
}

/**
 * The answer that is kept under a key, or the work's, which is kept from now on. Work that was cut off is done again with the
 * same ids and the same time; what it had written already stays as it is.
 *
 * @param request The parsed body
 * @throws PlauditError serving.key_reused; what the work throws, and then nothing is kept
 */
export const onceUnder = async <Answer>(
  store: Store,
  key: string,
  request: unknown,
  work: (doing: Doing) => Promise<Answer>,
): Promise<Answer> => {
  const digest = createHash('sha256').update(canonicalJson(request)).digest('hex');
  const kept = await store.keptAnswers.open(key, digest);
  if (kept.request !== digest) throw plauditError('serving.key_reused');
  if (kept.answer !== null) return kept.answer as Answer;
  const at = kept.createdAt;
  let made = 0;
  const newId = idsInOrder(
    () => at,
    () =>
      createHash('sha256')
        .update(canonicalJson([store.project.id, key, digest, made++]))
        .digest()
        .subarray(0, 8),
  );
  const answer = await work({ at, newId });
  await store.keptAnswers.keep(key, answer);
  return answer;
};
