/**
 * @file The outbox: answers are kept in the browser until the server has acknowledged them, and sent again until then. What is
 * sent twice is one judgement, since the server knows answers by their assignment.
 */
import { ApiError, type Input } from '@plaudit/sdk';
import { client } from '../api.ts';

export type Answer = Input<'answerLabellingItem'>['body']['answer'];

export interface Sending {
  /** Whose answer it is: on a shared computer it waits until that person is signed in again. */
  readonly by: string;
  readonly project: string;
  readonly task: string;
  readonly assignment: string;
  /** Absent: the item is skipped. */
  readonly answer?: Answer;
  /** From showing to answering. */
  readonly seconds: number;
  /** Order of sending: milliseconds since 1970. */
  readonly at: number;
}

/** What the server would not take; it is told, and not sent again. */
interface Refusal {
  readonly sending: Sending;
  readonly error: ApiError;
}

export interface OutboxState {
  readonly waiting: readonly Sending[];
  readonly isSending: boolean;
  /** Why the last attempt failed; it is made again. */
  readonly failed: ApiError | null;
  readonly refused: readonly Refusal[];
  /** Acknowledged since the page was opened. */
  readonly saved: number;
}

const prefix = 'plaudit.answer.';
const keyOf = ({ assignment }: Pick<Sending, 'assignment'>): string => prefix + assignment;

/** Who is signed in, such as `user:ID`; null while that is not known. */
let person: string | null = null;

/** What waits of this person. One entry for each assignment, so that two tabs do not overwrite each other's. */
const stored = (): Sending[] => {
  const found: Sending[] = [];
  for (let at = 0; at < localStorage.length; at++) {
    const key = localStorage.key(at);
    if (!key?.startsWith(prefix)) continue;
    try {
      const one = JSON.parse(localStorage.getItem(key) ?? '') as Sending;
      if (one.by === person) found.push(one);
    } catch {
      localStorage.removeItem(key);
    }
  }
  return found.sort((a, b) => a.at - b.at);
};

let state: OutboxState = { waiting: [], isSending: false, failed: null, refused: [], saved: 0 };
const listeners = new Set<() => void>();
const become = (next: Partial<OutboxState>): void => {
  state = { ...state, ...next };
  for (const listener of listeners) listener();
};

const longestWait = 15_000;
let wait = 1000;
let timer: ReturnType<typeof setTimeout> | undefined;
let sending: Promise<void> | undefined;

const send = async ({ project, assignment, answer, seconds }: Sending): Promise<void> => {
  const params = { project, assignment };
  if (answer === undefined) await client.call('skipLabellingItem', { params });
  else await client.call('answerLabellingItem', { params, body: { answer, seconds } });
};

const sendAll = async (): Promise<void> => {
  for (let next = stored()[0]; next; next = stored()[0]) {
    become({ isSending: true, waiting: stored() });
    try {
      await send(next);
      localStorage.removeItem(keyOf(next));
      wait = 1000;
      become({ failed: null, saved: state.saved + 1 });
    } catch (thrown) {
      const error =
        thrown instanceof ApiError
          ? thrown
          : new ApiError({ code: 'studio', message: String(thrown), cure: 'Reload the page.', status: 0 });
      // Signing in again makes these work, too.
      if (error.isPassing || error.status === 401) {
        become({ failed: error });
        timer = setTimeout(flush, wait);
        wait = Math.min(2 * wait, longestWait);
        break;
      }
      localStorage.removeItem(keyOf(next));
      become({ refused: [...state.refused, { sending: next, error }] });
    }
  }
  become({ isSending: false, waiting: stored() });
};

/** Sends what waits. @returns When everything is sent, or an attempt has failed */
export const flush = (): Promise<void> => {
  clearTimeout(timer);
  sending ??= sendAll().finally(() => {
    sending = undefined;
    // What was put in while the last one was on its way.
    if (stored().length > 0 && state.failed === null) void flush();
  });
  return sending;
};

export const outbox = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  state: (): OutboxState => state,
  /** Sends what waits of the person who is signed in now. */
  actAs(signedIn: string | null): void {
    if (signedIn === person) return;
    person = signedIn;
    become({ waiting: stored(), failed: null, refused: [], saved: 0 });
    if (state.waiting.length > 0) void flush();
  },
  /** Keeps it before anything else happens, then sends it. */
  put(one: Omit<Sending, 'by'>): void {
    localStorage.setItem(keyOf(one), JSON.stringify({ ...one, by: person }));
    become({ waiting: stored() });
    void flush();
  },
  /** Takes back what has not been sent. @returns Whether it was still here */
  async takeBack(assignment: string): Promise<boolean> {
    if (sending) await sending;
    const found = localStorage.getItem(prefix + assignment) !== null;
    localStorage.removeItem(prefix + assignment);
    become({ waiting: stored() });
    return found;
  },
  forgetRefusals: (): void => become({ refused: [] }),
};

addEventListener('online', () => {
  wait = 1000;
  void flush();
});
// Another tab has put something in, or sent it.
addEventListener('storage', ({ key }) => {
  if (key?.startsWith(prefix)) become({ waiting: stored() });
});
