/** @file `plaudit start`: the server with its database and the studio, until it is stopped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { list, wholeNumber, withPresentation } from '../options.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import type { PresentationOptions } from '../present.ts';
import { announcedInterrupt, startText, untilInterrupted } from '../serving.ts';
import { builtStudio } from '../studio.ts';

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
    const interrupt = announcedInterrupt(json || quiet);
    try {
      const { startServer, serverLog } = await import('@plaudit/server');
      const building = (): void => {
        if (!quiet) void writeErr('Building the studio, which is done once …\n');
      };
      const studio = options.studio ?? (await builtStudio(building));
      const hasStudio = studio !== undefined && existsSync(join(studio, 'index.html'));
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
            : startText(server, hasStudio),
        );
        await untilInterrupted(interrupt);
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
