/** @file A server: database, artifacts, accounts and routes opened in order, and closed in the opposite one. */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { openMasterKey } from '@plaudit/feedback';
import { openArtifacts, openDatabase } from '@plaudit/store';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import { accountsFeature } from './accounts/account-routes.ts';
import { createApp } from './app.ts';
import { openFeatures } from './features.ts';
import { watchEventLoop } from './http/event-loop.ts';
import type { MailServer } from './monitoring/index.ts';
import { routesOf } from './routes.ts';
import { startJobs } from './runs/jobs.ts';
import type { Services } from './services.ts';

export interface ServerOptions {
  /** Default 127.0.0.1: nobody else reaches it. */
  readonly host?: string;
  /** Default 7788; 0 for any that is free. */
  readonly port?: number;
  /** Where the store lies. Default `.plaudit`. With DATABASE_URL only its keys and artifacts. */
  readonly folder?: string;
  readonly databaseUrl?: string;
  /** A folder, or `s3://bucket/prefix`. Default `artifacts` in the folder. */
  readonly artifacts?: string;
  /** Folder of the built studio; without one there are no pages. */
  readonly studio?: string;
  /** The address that people see, where a proxy is in front. */
  readonly publicUrl?: string;
  readonly behindProxy?: boolean;
  readonly origins?: readonly string[];
  /** Through which alerts are mailed. */
  readonly mail?: MailServer;
  /** Private hosts that webhooks of alerts may call. */
  readonly webhookHosts?: readonly string[];
  /** A collector of OpenTelemetry that takes OTLP over HTTP. Default none. */
  readonly telemetry?: string;
  /** Seconds between two looks at roll-outs and alert rules. Default 30. */
  readonly watchEvery?: number;
  /** With which a collector reads `/metrics`; without one only administrators do. */
  readonly metricsToken?: string;
  readonly logger?: Logger;
  readonly version?: string;
  readonly now?: () => Date;
}

export interface Server {
  /** Such as `http://127.0.0.1:7788`. */
  readonly address: string;
  /** Opens the account of the first person; null once anybody has one. */
  readonly firstStartLink: string | null;
  readonly services: Services;
  /** Takes no more requests, finishes those that run, then closes all that was opened. */
  readonly close: () => Promise<void>;
}

/**
 * @example
 * const server = await startServer({ folder: '.plaudit' });
 * console.log(server.firstStartLink ?? server.address);
 * @throws PlauditError store.*, server.address_unusable
 */
export const startServer = async (options: ServerOptions = {}): Promise<Server> => {
  const { host = '127.0.0.1', port = 7788, folder = '.plaudit', publicUrl, studio } = options;
  keepCompiledCode();
  const { now = () => new Date(), logger = pino({ level: 'warn' }) } = options;
  const database = await openDatabase({
    folder: join(folder, 'postgres'),
    ...(options.databaseUrl !== undefined && { url: options.databaseUrl }),
    sessions: 16,
  });
  const closers: (() => Promise<unknown>)[] = [() => database.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    let address = publicUrl?.replace(/\/+$/, '') ?? '';
    const accounts = accountsFeature(database, { address: () => address, now });
    const jobs = await startJobs({
      database,
      folder,
      logger,
      ...(options.artifacts !== undefined && { artifacts: options.artifacts }),
    });
    closers.push(() => jobs.close());
    const metrics = new Registry();
    const endWatching = watchEventLoop(metrics);
    closers.push(async () => endWatching());
    const artifacts = await openArtifacts(options.artifacts ?? join(folder, 'artifacts'));
    const masterKey = () => openMasterKey(folder);
    const features = openFeatures({
      ...{ database, artifacts, accounts: accounts.accounts, folder, masterKey, metrics, logger, now },
      ...(options.mail && { mail: options.mail }),
      ...(options.webhookHosts && { webhookHosts: options.webhookHosts }),
      ...(options.telemetry !== undefined && { telemetry: options.telemetry }),
      ...(options.watchEvery !== undefined && { watchEvery: options.watchEvery }),
    });
    closers.push(() => features.close());
    const services: Services = {
      jobs,
      features,
      database,
      artifacts,
      accounts,
      folder,
      masterKey,
      now,
    };
    const app = await createApp({
      database,
      identities: accounts.identities,
      routes: routesOf(services),
      logger,
      metrics,
      ...(options.metricsToken && { metricsToken: options.metricsToken }),
      ...(publicUrl !== undefined && { publicUrl }),
      ...(options.behindProxy !== undefined && { behindProxy: options.behindProxy }),
      ...(options.origins && { origins: options.origins }),
      ...(options.version !== undefined && { version: options.version }),
      ...(studio !== undefined && existsSync(join(studio, 'index.html')) && { studio }),
    });
    closers.push(() => endWithin(app, 5000));
    // Made once, and now: it takes some tenths of a second in which no request would be answered.
    await app.inject('/openapi.json');
    const bound = await listen(() => app.listen({ host, port }), host, port);
    if (address === '') address = bound;
    const firstStartLink = await accounts.links.firstStart();
    return { address, firstStartLink, services, close };
  } catch (cause) {
    await close();
    throw cause;
  }
};

/** Threads find the compiled code of their modules on disk: one starts in half the time. The variable is what they read. */
const keepCompiledCode = (): void => {
  module.enableCompileCache();
  const folder = module.getCompileCacheDir();
  if (folder !== undefined) process.env.NODE_COMPILE_CACHE ??= folder;
};

/** Requests are finished. Connections that keep the server from ending although they ask for nothing are cut after a while. */
const endWithin = async (app: FastifyInstance, milliseconds: number): Promise<void> => {
  const cut = setTimeout(() => app.server.closeAllConnections(), milliseconds);
  await app.close().finally(() => clearTimeout(cut));
};

const listen = async (start: () => Promise<string>, host: string, port: number): Promise<string> => {
  try {
    return await start();
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    if (code === undefined || !(code in addressProblems)) throw cause;
    throw plauditError('server.address_unusable', { host, port, problem: addressProblems[code]! }, cause);
  }
};

const addressProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'this user may not use it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host is unknown',
};
