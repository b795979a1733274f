/** @file Alerts to a webhook: signed, to public addresses only, without following anywhere else. */
import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { plauditError } from '@plaudit/contract';
import { type CallRules, callableAddress } from './public-address.ts';

export interface WebhookOptions extends CallRules {
  /** With which the body is signed. */
  readonly key: string;
  readonly now: () => Date;
  /** Milliseconds for the whole call. Default 10,000. */
  readonly timeout?: number;
}

/**
 * What the header `plaudit-signature` holds: `t=SECONDS,v1=HEX`, the HMAC-SHA-256 of `SECONDS.BODY`. A receiver computes the
 * same and refuses a time that is minutes away.
 */
export const signatureOf = (body: string, key: string, seconds: number): string =>
  `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;

/**
 * Posts a JSON document.
 *
 * @throws PlauditError monitoring.webhook_refused; monitoring.undelivered for anything but an answer of 2xx
 */
export const postWebhook = async (
  address: string,
  document: unknown,
  { key, now, timeout = 10_000, ...rules }: WebhookOptions,
): Promise<void> => {
  const { url, address: ip } = await callableAddress(address, rules);
  const body = JSON.stringify(document);
  const undelivered = (problem: string): Error =>
    plauditError('monitoring.undelivered', { channel: 'webhook', problem });
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  await new Promise<void>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(timeout),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'plaudit',
          'plaudit-signature': signatureOf(body, key, Math.floor(now().getTime() / 1000)),
        },
        // The address that was looked at is the one that is called.
        lookup: (_host, options, found) => {
          const family = isIP(ip);
          if (options.all)
            (found as unknown as (error: null, of: object[]) => void)(null, [{ address: ip, family }]);
          else found(null, ip, family);
        },
      },
      (answer) => {
        const status = answer.statusCode ?? 0;
        // What it says is of no interest, and may have no end.
        answer.destroy();
        if (status >= 200 && status < 300) resolve();
        else reject(undelivered(`it answered ${status}`));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        undelivered(
          error.name === 'TimeoutError' || error.name === 'AbortError'
            ? 'it did not answer in time'
            : (error.code ?? 'the connection broke'),
        ),
      ),
    );
    sent.end(body);
  });
};
