/** @file `plaudit start`: the server with its database and the studio, until it is stopped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { listenForInterrupt } from '../interrupt.ts';
import { list, wholeNumber, withPresentation } from '../options.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { aligned } from '../output/text.ts';
import type { PresentationOptions } from '../present.ts';

interface Options extends PresentationOptions {
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly behindProxy?: boolean;
  readonly allowOrigins?: string[];
  readonly artifacts?: string;
  readonly studio?: string;
  readonly log: string;
}

/** The studio of a checkout, once it is built. */
const builtStudio = fileURLToPath(new URL('../../../../apps/studio/dist', import.meta.url));

export const start = (): Command =>
  withPresentation(
    new Command('start')
      .description('Start the server with its database and the studio; Ctrl-C ends it cleanly')
      .option(
        '--store <folder>',
        'where the store lies; with DATABASE_URL its keys and artifacts',
        '.plaudit',
      )
      .option('--host <name>', 'where it listens; 0.0.0.0 for all addresses of this machine', '127.0.0.1')
      .option('--port <number>', '0 for any that is free', wholeNumber, 7788)
      .option('--public-url <url>', 'the address that people see, where a proxy is in front')
      .option('--behind-proxy', "believe a proxy's word on who calls; only where nobody can go past it")
      .option('--allow-origins <urls>', 'pages that may call with an API key, separated by commas', list)
      .option('--artifacts <place>', 'a folder, or s3://bucket/prefix; default artifacts in the store')
      .option('--studio <folder>', 'the built studio; default that of this installation')
      .option('--log <level>', 'what is logged on stderr: debug, info, warn or error', 'warn'),
    'plaudit start\nplaudit start --host 0.0.0.0 --public-url https://plaudit.example.org --behind-proxy',
  ).action(async (options: Options) => {
    const { json = false, quiet = false } = options;
    const interrupt = listenForInterrupt(() => {
      if (!json && !quiet) void writeErr('Finishing what runs; Ctrl-C once more stops at once.\n');
    });
    try {
      const { startServer, serverLog } = await import('@plaudit/server');
      const studio = options.studio ?? builtStudio;
      const hasStudio = existsSync(join(studio, 'index.html'));
      const server = await startServer({
        host: options.host,
        port: options.port,
        folder: options.store,
        logger: serverLog(options.log),
        behindProxy: options.behindProxy ?? false,
        ...settingsOf(process.env),
        ...(hasStudio && { studio }),
        ...(options.artifacts !== undefined && { artifacts: options.artifacts }),
        ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
        ...(options.allowOrigins && { origins: options.allowOrigins }),
      });
      try {
        const { address, firstStartLink } = server;
        await writeOut(
          json
            ? `${JSON.stringify({ address, firstStartLink, studio: hasStudio, process: process.pid })}\n`
            : startText(address, firstStartLink, hasStudio),
        );
        if (!interrupt.signal.aborted)
          await new Promise((stop) => interrupt.signal.addEventListener('abort', stop, { once: true }));
      } finally {
        await server.close();
      }
    } finally {
      interrupt.release();
    }
  });

/** What is no option, since it may hold a password or is the same for all programs of a machine. */
const settingsOf = ({
  PLAUDIT_SMTP_URL: url,
  PLAUDIT_SMTP_FROM: from,
  PLAUDIT_WEBHOOK_HOSTS: hosts,
  PLAUDIT_METRICS_TOKEN: metricsToken,
  OTEL_EXPORTER_OTLP_ENDPOINT: telemetry,
}: NodeJS.ProcessEnv) => ({
  ...(url && from && { mail: { url, from } }),
  ...(hosts && { webhookHosts: list(hosts) }),
  ...(telemetry && { telemetry }),
  ...(metricsToken && { metricsToken }),
});

const startText = (address: string, link: string | null, hasStudio: boolean): string => {
  const rows: [string, string][] = [
    [hasStudio ? 'studio' : 'server', address],
    ['interface', `${address}/openapi.json`],
  ];
  const first =
    link === null
      ? ''
      : `
Nobody has an account yet. This link makes the first one, which may do everything. It works once:
  ${link}
`;
  const noStudio = hasStudio ? '' : '\nThe studio is not built; only programs can use the server.\n';
  return `${aligned(rows)}${first}${noStudio}\nCtrl-C ends it.\n`;
};
