/** @file Passwords: argon2id, and the same time for accounts that are there and for those that are not. */
import { hash, verify } from '@node-rs/argon2';
import { plauditError } from '@plaudit/contract';

/** 19 MiB, two passes, one lane, with argon2id: as OWASP's password storage cheat sheet asks for. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const leastCharacters = 12;
export const mostCharacters = 256;

/** Hashes at a time: more would only take memory and the threads that others need. */
const atOnce = 2;

/** @throws PlauditError account.weak_password */
const checkPassword = (password: string, about: readonly string[]): void => {
  const refuse = (problem: string): never => {
    throw plauditError('account.weak_password', { problem, least: leastCharacters });
  };
  if (password.length < leastCharacters) refuse('it is short');
  const plain = password.toLowerCase();
  if (new Set(plain).size < 5) refuse('it repeats few characters');
  // Four characters and fewer are in many a good password by chance.
  const known = about.flatMap((text) => [text, text.split('@')[0]!]).map((text) => text.toLowerCase());
  if (known.some((text) => text.length > 4 && plain.includes(text) && plain.length - text.length < 6))
    refuse('it is hardly more than the name or the address');
};

export interface Passwords {
  /** @throws PlauditError account.weak_password */
  hash(password: string, about: readonly string[]): Promise<string>;
  /** @param hashed Undefined where there is no account: takes as long, and is false */
  verify(hashed: string | undefined, password: string): Promise<boolean>;
}

export const passwords = (): Passwords => {
  const turns = limited(atOnce);
  // Compared with where there is no account. Nobody knows the password of it.
  let nobody: Promise<string> | undefined;
  return {
    hash(password, about) {
      checkPassword(password, about);
      return turns(() => hash(password, cost));
    },
    async verify(hashed, password) {
      nobody ??= turns(() => hash(crypto.randomUUID(), cost));
      const against = hashed ?? (await nobody);
      const right = await turns(() => verify(against, password));
      return right && hashed !== undefined;
    },
  };
};

/** Runs so much at a time; the rest waits in order. */
const limited = (limit: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
};
