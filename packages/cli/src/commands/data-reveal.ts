/** @file `plaudit data reveal`: the original behind a pseudonym, for whoever holds the master key, on record. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import type { Vault } from '@plaudit/feedback';
import type { Store } from '@plaudit/store';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { required, withPresentation } from '../options.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly token: string;
  readonly masterKey?: string;
  readonly actor?: string;
}

/** Who has the key may read; nobody else can. */
const role = 'holder of the master key';

export const dataReveal = (): Command =>
  withPresentation(
    withStore(
      required(
        new Command('reveal').description(
          'Read the original behind a pseudonym, which --keep-originals sealed; the audit log keeps that you did',
        ),
        '--token <token>',
        'as it stands in the texts: EMAIL_7f3a9c0d12ab34cd, with or without its angle brackets',
      )
        .option('--master-key <file>', "the key, where it is kept elsewhere than in the store's folder")
        .option('--actor <name>', 'who reads it; default the user of this machine'),
    ),
    'plaudit data reveal --token EMAIL_7f3a9c0d12ab34cd --actor "data protection officer"',
  ).action((options: Options) =>
    present(options, async () => {
      const { readMasterKey, reveal } = await import('@plaudit/feedback');
      const { userInfo } = await import('node:os');
      const masterKey = readMasterKey(options.masterKey ?? join(options.store, 'master.key'));
      const subject = options.token.trim().replace(/^<(.*)>$/, '$1');
      const token = `<${subject}>`;
      const original = await useStore(options, false, (store) => {
        const vault: Vault = { masterKey, roles: [role], entry: store.vault.entry, key: store.vault.key };
        return recorded(store, { subject, actor: options.actor ?? userInfo().username }, async () => {
          try {
            return await reveal(token, vault, role);
          } catch (error) {
            const erased =
              error instanceof PlauditError &&
              error.code === 'privacy.token_unknown' &&
              (await store.erase.of(subject)).length > 0;
            throw erased ? plauditError('privacy.subject_erased', {}, error) : error;
          }
        });
      });
      return { document: { token, original }, text: `${original}\n` };
    }),
  );

/** Nothing is given out before the audit log says that it was, and what was refused is there too. */
const recorded = async <T>(
  store: Store,
  { subject, actor }: { readonly subject: string; readonly actor: string },
  work: () => Promise<T>,
): Promise<T> => {
  // The digest by which records of erasures name people: the log outlives them.
  const digest = createHash('sha256').update(subject).digest('hex');
  const note = (outcome: string) =>
    store.audit.append({
      actor,
      action: 'vault.reveal',
      resource: `subject ${digest}`,
      details: { outcome },
    });
  let found: T;
  try {
    found = await work();
  } catch (error) {
    await note(error instanceof PlauditError ? error.code : 'failed');
    throw error;
  }
  await note('revealed');
  return found;
};
