/** @file One-time links. The secret is behind the #, which browsers send to no server and no server logs. */
import type { Accounts, InvitationTo } from '@plaudit/store';
import { newToken, tokenDigest } from './tokens.ts';

const day = 24 * 60 * 60 * 1000;
const lasts = 7 * day;

export interface LinkOptions {
  readonly accounts: Accounts;
  /** Where people find this server, such as `http://localhost:7788`. */
  readonly address: () => string;
  readonly now?: () => Date;
}

export interface Links {
  make(to: InvitationTo, actor: string): Promise<{ readonly link: string; readonly expiresAt: Date }>;
  /** The link for the first person, who becomes the administrator; null once anybody is there. */
  firstStart(): Promise<string | null>;
}

export const links = ({ accounts, address, now = () => new Date() }: LinkOptions): Links => {
  const make: Links['make'] = async (to, actor) => {
    const token = newToken();
    const expiresAt = new Date(now().getTime() + lasts);
    await accounts.invitations.add(tokenDigest(token), to, actor, expiresAt);
    return { link: `${address()}/join#${token}`, expiresAt };
  };
  return {
    make,
    async firstStart() {
      if (await accounts.users.areThere()) return null;
      // Each start shows a new link, so that only the last one on the screen is good.
      await accounts.invitations.withdrawForAdministrators();
      return (await make({ administrator: true }, 'start')).link;
    },
  };
};
