/** @file Alerts by e-mail, through the SMTP server that the operator names. */
import { plauditError } from '@plaudit/contract';
import { createTransport } from 'nodemailer';

export interface MailServer {
  /** `smtp://user:password@host:587`, or smtps:// for TLS from the first byte. */
  readonly url: string;
  readonly from: string;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends one mail at a time. @throws PlauditError monitoring.undelivered */
export const mailer = ({ url, from }: MailServer): ((mail: Mail) => Promise<void>) => {
  const { hostname, port, protocol, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      // A password is not said in clear.
      requireTLS: !secure,
    }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async ({ to, subject, text }) => {
    try {
      await transport.sendMail({ from, to, subject, text });
    } catch (error) {
      const problem =
        (error as { responseCode?: number; code?: string }).responseCode ?? (error as { code?: string }).code;
      throw plauditError('monitoring.undelivered', { channel: 'e-mail', problem: problem ?? 'it failed' });
    }
  };
};
