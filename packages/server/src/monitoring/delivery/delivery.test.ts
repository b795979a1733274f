/** @file Tests: webhooks reach public addresses only and are signed; mail reaches a real SMTP server; events a real collector. */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventExporter } from '../evaluation-events.ts';
import { mailer } from './mail.ts';
import { callableAddress, isPublicAddress } from './public-address.ts';
import { postWebhook, signatureOf } from './webhook.ts';

const now = () => new Date('2026-01-01T00:00:00Z');

/** An HTTP server on loopback that remembers what came. */
const withReceiver = async <T>(
  status: number,
  work: (
    port: number,
    received: { headers: IncomingMessage['headers']; body: string; url: string }[],
  ) => Promise<T>,
  headers: Record<string, string> = {},
): Promise<T> => {
  const received: { headers: IncomingMessage['headers']; body: string; url: string }[] = [];
  const server = createServer((request, reply) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body, url: request.url! });
      reply.writeHead(status, headers).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work((server.address() as AddressInfo).port, received);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
};

describe('addresses', () => {
  it('are public only where nothing private, local or special is behind them', () => {
    for (const address of [
      ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
      ...[
        '224.0.0.1',
        '255.255.255.255',
        '::1',
        '::',
        'fe80::1',
        'fd00::1',
        '::ffff:127.0.0.1',
        '::ffff:8.8.8.8',
      ],
      ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'ff02::1', 'localhost', '1.2.3', ''],
    ])
      expect(isPublicAddress(address), address).toBe(false);
    for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700::1111'])
      expect(isPublicAddress(address), address).toBe(true);
  });

  it('are refused in every guise of this machine, and where one of several is private', async () => {
    const resolve = async (host: string): Promise<readonly string[]> =>
      ({ 'ok.example': ['8.8.8.8'], 'both.example': ['8.8.8.8', '10.0.0.1'], 'none.example': [] })[host] ??
      Promise.reject(new Error('unknown'));
    const code = (url: string) =>
      callableAddress(url, { resolve }).then(
        () => 'callable',
        (error: { code: string }) => error.code,
      );
    expect(await code('https://ok.example/hook')).toBe('callable');
    for (const url of [
      ...['http://ok.example/', 'https://both.example/', 'https://none.example/', 'https://other.example/'],
      ...[
        'https://127.0.0.1/',
        'https://2130706433/',
        'https://0x7f.1/',
        'https://0177.0.0.1/',
        'https://[::1]/',
      ],
      ...[
        'https://[::ffff:127.0.0.1]/',
        'https://169.254.169.254/latest',
        'file:///etc/passwd',
        'https://a:b@ok.example/',
      ],
      'no address',
    ])
      expect(await code(url), url).toBe('monitoring.webhook_refused');
  });
});

describe('a webhook', () => {
  it('is signed so that its receiver can tell who sent what and when', async () => {
    await withReceiver(204, async (port, received) => {
      const url = `http://127.0.0.1:${port}/hook?x=1`;
      await postWebhook(url, { type: 'alert' }, { key: 'secret', now, allowedHosts: ['127.0.0.1'] });
      expect(received).toHaveLength(1);
      const [{ headers, body, url: path }] = received as [(typeof received)[number]];
      expect(path).toBe('/hook?x=1');
      expect(JSON.parse(body)).toEqual({ type: 'alert' });
      expect(headers['plaudit-signature']).toBe(signatureOf(body, 'secret', 1_767_225_600));
      expect(signatureOf('{}', 'k', 1)).not.toBe(signatureOf('{}', 'k', 2));
      await expect(postWebhook(url, {}, { key: 's', now })).rejects.toMatchObject({
        code: 'monitoring.webhook_refused',
      });
      expect(received).toHaveLength(1);
    });
  });

  it('calls the address that was looked at, whatever the resolver says later', async () => {
    await withReceiver(200, async (port, received) => {
      let asked = 0;
      const resolve = async () => (++asked === 1 ? ['127.0.0.1'] : ['10.0.0.1']);
      await postWebhook(
        `http://hook.invalid:${port}/`,
        {},
        { key: 's', now, allowedHosts: ['hook.invalid'], resolve },
      );
      expect(asked).toBe(1);
      expect(received[0]!.headers.host).toBe(`hook.invalid:${port}`);
    });
  });

  it('follows no redirection and takes no error for delivery', async () => {
    const rules = { key: 's', now, allowedHosts: ['127.0.0.1'] };
    for (const status of [302, 404, 500])
      await withReceiver(
        status,
        async (port, received) => {
          await expect(postWebhook(`http://127.0.0.1:${port}/`, {}, rules)).rejects.toMatchObject({
            code: 'monitoring.undelivered',
            parameters: { problem: `it answered ${status}` },
          });
          expect(received).toHaveLength(1);
        },
        { location: 'http://127.0.0.1/elsewhere' },
      );
    await expect(postWebhook('http://127.0.0.1:1/', {}, rules)).rejects.toMatchObject({
      code: 'monitoring.undelivered',
    });
  });
});

/** The part of SMTP (RFC 5321) that a mail takes. */
const withSmtp = async <T>(
  refuse: boolean,
  work: (port: number, mails: string[]) => Promise<T>,
): Promise<T> => {
  const mails: string[] = [];
  const server = createSocketServer((socket) => {
    let data: string | null = null;
    socket.on('error', () => undefined);
    socket.write('220 loopback ESMTP\r\n');
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (data !== null) {
          if (line !== '.') data += `${line}\n`;
          else {
            mails.push(data);
            data = null;
            socket.write('250 taken\r\n');
          }
        } else if (/^EHLO/i.test(line)) socket.write('250 loopback\r\n');
        else if (/^DATA/i.test(line)) {
          data = '';
          socket.write('354 go on\r\n');
        } else if (/^RCPT/i.test(line) && refuse) socket.write('550 nobody\r\n');
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work((server.address() as AddressInfo).port, mails);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
};

describe('mail', () => {
  const mail = { to: 'ada@example.org', subject: 'Drift: firing', text: 'Value: 0.31 of 1200' };
  it('reaches the server with its subject and text, and no line of it becomes a header', async () => {
    await withSmtp(false, async (port, mails) => {
      const send = mailer({ url: `smtp://127.0.0.1:${port}`, from: 'plaudit@example.org' });
      await send({ ...mail, subject: 'Drift: firing\r\nBcc: eve@example.org' });
      expect(mails[0]).toContain('To: ada@example.org');
      expect(mails[0]).toContain('Value: 0.31 of 1200');
      expect(mails[0]).not.toMatch(/^Bcc:/m);
    });
  });

  it('that is refused is not taken for delivered', async () => {
    await withSmtp(true, async (port) => {
      const send = mailer({ url: `smtp://127.0.0.1:${port}`, from: 'plaudit@example.org' });
      await expect(send(mail)).rejects.toMatchObject({
        code: 'monitoring.undelivered',
        parameters: { problem: 550 },
      });
    });
    const nowhere = mailer({ url: 'smtp://127.0.0.1:1', from: 'plaudit@example.org' });
    await expect(nowhere(mail)).rejects.toMatchObject({ code: 'monitoring.undelivered' });
  });
});

describe('evaluation events', () => {
  it('arrive as log records of OTLP in JSON, in batches, and never hold anything up', async () => {
    await withReceiver(200, async (port, received) => {
      const events = eventExporter({
        endpoint: `http://127.0.0.1:${port}/`,
        batch: 2,
        delay: 5,
        headers: { 'x-key': 'k' },
      });
      const traceId = '0af7651916cd43dd8448eb211c80319c';
      events.emit({
        name: 'reward',
        value: 1.5,
        responseId: 'r1',
        at: now(),
        traceId,
        spanId: 'b7ad6b7169203331',
      });
      events.emit({ name: 'reward', error: 'serving.overloaded', at: now() });
      events.emit({ name: 'safety', value: -2, at: now() });
      await events.close();
      expect(received.map(({ url }) => url)).toEqual(['/v1/logs', '/v1/logs']);
      expect(received[0]!.headers['x-key']).toBe('k');
      const records = received.flatMap(
        ({ body }) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords,
      );
      expect(records).toHaveLength(3);
      expect(records[0]).toMatchObject({
        ...{ eventName: 'gen_ai.evaluation.result', timeUnixNano: '1767225600000000000', traceId },
        attributes: [
          { key: 'gen_ai.evaluation.name', value: { stringValue: 'reward' } },
          { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 1.5 } },
          { key: 'gen_ai.response.id', value: { stringValue: 'r1' } },
        ],
      });
      expect(records[1].attributes).toContainEqual({
        key: 'error.type',
        value: { stringValue: 'serving.overloaded' },
      });
      expect(events.dropped()).toBe(0);
    });
  });

  it('are counted where nobody takes them', async () => {
    const events = eventExporter({ endpoint: 'http://127.0.0.1:1', most: 2, batch: 10 });
    for (let i = 0; i < 3; i++) events.emit({ name: 'reward', value: i, at: now() });
    await events.close();
    expect(events.dropped()).toBe(3);
  });
});
