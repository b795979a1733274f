/** @file Wrong passwords: after several for one account the next one has to wait, whoever sends it. */
import { plauditError } from '@plaudit/contract';

/** Wrong ones that cost nothing. */
const free = 5;
const firstWait = 2;
const longestWait = 900;
/** Accounts that are remembered; names of accounts that do not exist are among them. */
const most = 10_000;

interface Failures {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface Attempts {
  /** @throws PlauditError account.too_many_attempts */
  check(account: string): void;
  failed(account: string): void;
  succeeded(account: string): void;
}

/** Waits of 2, 4, 8 … seconds up to a quarter of an hour. An account that does not exist makes wait the same. */
export const attempts = (now: () => Date = () => new Date()): Attempts => {
  const failures = new Map<string, Failures>();
  return {
    check(account) {
      const left = (failures.get(account)?.until ?? 0) - now().getTime();
      if (left > 0) throw plauditError('account.too_many_attempts', { seconds: Math.ceil(left / 1000) });
    },
    failed(account) {
      const count = (failures.get(account)?.count ?? 0) + 1;
      const wait = count < free ? 0 : Math.min(longestWait, firstWait * 2 ** (count - free));
      failures.delete(account);
      failures.set(account, { count, until: now().getTime() + wait * 1000 });
      // The one that failed longest ago goes first.
      if (failures.size > most) failures.delete(failures.keys().next().value!);
    },
    succeeded(account) {
      failures.delete(account);
    },
  };
};
