/** @file The HTTP application: one list of routes, registered, guarded, parsed and answered in one way. */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { type PlauditError, plauditError } from '@plaudit/contract';
import { type Database, openStore, type Store } from '@plaudit/store';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { Histogram, Registry } from 'prom-client';
import type { z } from 'zod';
import { answerBroken, defaultPatience, expectWithin, type Patience } from './http/connections.ts';
import { answerableError, invalidRequest } from './http/error-document.ts';
import { anonymous, type Identities, type Identity, sessionCookie } from './http/identities.ts';
import { checkJsonBody } from './http/json-body.ts';
import { openApiDocument } from './http/open-api.ts';
import type { Call, Route } from './http/route.ts';
import { isFromOwnSite } from './http/same-site.ts';
import { type Standing, standingOf } from './http/standing.ts';
import { serveStudio } from './http/studio.ts';
import { systemRoutes } from './http/system-routes.ts';
import { bounded } from './http/upload.ts';

export interface AppOptions {
  readonly database: Database;
  readonly identities: Identities;
  readonly routes: readonly Route[];
  /** Default: nothing is logged. */
  readonly logger?: Logger;
  /** The address that people see, where a proxy is in front; with https cookies go nowhere else. */
  readonly publicUrl?: string;
  /** Whether the proxy's word on the caller's address is believed. Default false. */
  readonly behindProxy?: boolean;
  /** Pages of other origins that may call with a key, such as `https://app.example.com`. Default none. */
  readonly origins?: readonly string[];
  /** Requests of one caller in a minute where the route says nothing. Default 1200. */
  readonly perMinute?: number;
  /** Where metrics are collected. */
  readonly metrics?: Registry;
  /** With which a collector reads them; without one only administrators do. */
  readonly metricsToken?: string;
  /** What has to be there before requests can be answered, by name; throws where it is not. */
  readonly checks?: Readonly<Record<string, () => Promise<void>>>;
  /** How long requests may take to arrive. */
  readonly patience?: Patience;
  /** Folder of the built studio, served to browsers. */
  readonly studio?: string;
  readonly version?: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    plaudit?: Route;
  }
  interface FastifyRequest {
    identity: Identity | null;
    standing: Standing | null;
  }
}

const defaultBodyLimit = 1_048_576;
const longestRequest = 60 * 60 * 1000;
const anyPerMinute = 1200;
const json = 'application/json; charset=utf-8';
const requestIdForm = /^[\w-]{1,64}$/;

/**
 * @example
 * const app = await createApp({ database, identities, routes: [...dataRoutes(), ...runRoutes()] });
 * await app.listen({ port: 7788 });
 */
export const createApp = async (options: AppOptions): Promise<FastifyInstance> => {
  const { database, identities, publicUrl, logger, perMinute = anyPerMinute } = options;
  const { patience = defaultPatience } = options;
  const overHttps = publicUrl?.startsWith('https:') ?? false;
  const metrics = options.metrics ?? new Registry();
  const stores = storesOf(database);
  let closing = false;

  const app = Fastify({
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (thrown, request, reply) =>
      answerError(thrown, request as FastifyRequest, reply as unknown as FastifyReply),
    clientErrorHandler: answerBroken,
    http: { headersTimeout: patience.head, connectionsCheckingInterval: patience.head / 4 },
    bodyLimit: defaultBodyLimit,
    // The proxy adds the address that it sees to what the caller says of itself: only that last one is believed.
    trustProxy: options.behindProxy ? (_, hop) => hop === 0 : false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    requestTimeout: longestRequest,
    routerOptions: { maxParamLength: 1000 },
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && requestIdForm.test(given) ? given : randomUUID();
    },
  }) as unknown as FastifyInstance;

  const readJson = app.getDefaultJsonParser('error', 'error');
  // A form of another site can send text without asking first.
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    checkJsonBody(body as Buffer, bodyLimitOf(request.routeOptions.config.plaudit ?? {}));
    readJson(request, body.toString(), done);
  });
  app.decorateRequest('identity', null);
  app.decorateRequest('standing', null);
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.setErrorHandler((thrown, request, reply) => answerError(thrown, request, reply));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
  });
  observe(app, metrics);
  await app.register(helmet, headersOf(overHttps));
  await app.register(cookie);
  if (options.origins && options.origins.length > 0)
    await app.register(cors, {
      origin: [...options.origins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['x-request-id', 'retry-after', 'plaudit-arm', 'plaudit-bundle', 'plaudit-policy'],
      maxAge: 600,
    });
  app.addHook('onRequest', async (request) => {
    request.identity = await identify(request, identities);
  });
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: '1 minute',
    keyGenerator: (request) => request.identity?.actor.id ?? request.ip,
    errorResponseBuilder: (_, { max, ttl }) =>
      plauditError('request.too_many', { limit: max, seconds: Math.ceil(ttl / 1000) }),
  });
  // Before the body is read: whoever may not do it sends nothing.
  app.addHook('preParsing', async (request) => {
    const route = request.routeOptions.config.plaudit;
    if (!route?.upload) expectWithin(request.raw, patience.body);
    if (!route) return;
    const { method, headers, identity } = request;
    const { host, origin, 'sec-fetch-site': fetchSite } = headers as Record<string, string | undefined>;
    if (!identity?.key && !isFromOwnSite({ method, host, origin, fetchSite }, publicUrl))
      throw plauditError('request.other_site');
    request.standing = await standingOf(route, identity, projectNamed(request), identities);
  });

  const handlerOf = (route: Route) => async (request: FastifyRequest, reply: FastifyReply) => {
    const project = request.standing?.project ?? null;
    const store = project === null ? null : await stores(project);
    const given = await route.handler(callOf(route, request, reply, store, patience.pause) as never);
    if (reply.sent) return reply;
    if (route.result)
      return reply
        .code(route.status ?? 200)
        .type(json)
        .send(JSON.stringify(route.result.parse(given)));
    return given === undefined
      ? reply.code(route.status ?? 204).send()
      : reply.code(route.status ?? reply.statusCode).send(given);
  };
  const register = (to: FastifyInstance, route: Route): void => {
    const limited = route.perMinute ?? perMinute;
    to.route({
      method: route.method,
      url: route.url,
      bodyLimit: bodyLimitOf(route),
      config: {
        plaudit: route,
        // With a limit of its own a route is counted by itself.
        ...(limited === Number.POSITIVE_INFINITY
          ? { rateLimit: false as const }
          : route.perMinute !== undefined && { rateLimit: { max: limited, timeWindow: '1 minute' } }),
      },
      handler: handlerOf(route),
    });
  };

  const routes: readonly Route[] = [
    ...systemRoutes({
      database,
      checks: options.checks ?? {},
      isClosing: () => closing,
      metrics,
      ...(options.metricsToken && { metricsToken: options.metricsToken }),
      openApi: () =>
        (document ??= openApiDocument(routes, { version: options.version ?? '0', sessionCookie })),
    }),
    ...options.routes,
  ];
  let document: unknown;
  checkRoutes(routes);
  for (const route of routes) if (!route.upload) register(app, route);
  await app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_, payload, done) => done(null, payload));
    for (const route of routes) if (route.upload) register(uploads, route);
  });
  const notFound = (): never => {
    throw plauditError('request.no_route');
  };
  if (options.studio === undefined) app.setNotFoundHandler(notFound);
  else await serveStudio(app, options.studio, notFound);
  return app;
};

/** @throws RangeError for routes that cannot be told apart, or that ask for a role in no project */
const checkRoutes = (routes: readonly Route[]): void => {
  const operations = new Set<string>();
  for (const { operation, access, url } of routes) {
    if (operations.has(operation)) throw new RangeError(`two routes are named ${operation}`);
    operations.add(operation);
    if (url.includes('/:project') && typeof access === 'string')
      throw new RangeError(`${operation} names a project and asks for no role in it`);
  }
};

const bodyLimitOf = ({ bodyLimit = defaultBodyLimit }: Pick<Route, 'bodyLimit'>): number => bodyLimit;

/** Each project's store is opened once. One that is not there is asked for again. */
const storesOf = (database: Database): ((project: string) => Promise<Store>) => {
  const opened = new Map<string, Promise<Store>>();
  return (project) => {
    const found = opened.get(project) ?? openStore(database, { project, create: false });
    opened.set(project, found);
    found.catch(() => opened.delete(project));
    return found;
  };
};

const bearer = /^Bearer (\S+)$/i;

/** A key goes before a cookie: a program that runs in a browser's session means itself. */
const identify = async (request: FastifyRequest, identities: Identities): Promise<Identity | null> => {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, key] = bearer.exec(authorization) ?? [];
    return key === undefined ? null : identities.byKey(key);
  }
  const token = request.cookies[sessionCookie];
  return token === undefined || token === '' ? null : identities.bySession(token);
};

const projectNamed = (request: FastifyRequest): string | undefined => {
  const { project } = request.params as { readonly project?: string };
  const named = request.headers['plaudit-project'];
  return project ?? (typeof named === 'string' ? named : undefined);
};

const parsed = (part: string, schema: z.ZodType | undefined, value: unknown): unknown => {
  if (!schema) return undefined;
  try {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw invalidRequest(part, result.error);
  } catch (thrown) {
    // A hundred thousand brackets, one in the other.
    if (thrown instanceof RangeError && /call stack/.test(thrown.message))
      throw plauditError('request.invalid', { problem: `${part} is nested too deeply` });
    throw thrown;
  }
};

const callOf = (
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  store: Store | null,
  pause: number,
): Call<unknown, unknown, unknown> => {
  const hangUp = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) hangUp.abort();
  });
  let upload: Readable | undefined;
  return {
    params: parsed('params', route.params, request.params),
    query: parsed('query', route.query, request.query),
    body: parsed('body', route.body, request.body),
    actor: request.identity?.actor ?? anonymous,
    role: request.standing?.role ?? null,
    get store() {
      if (!store) throw new RangeError(`${route.operation} asks for no role in a project`);
      return store;
    },
    get upload() {
      if (!route.upload) throw new RangeError(`${route.operation} takes no upload`);
      upload ??= bounded(request.body, bodyLimitOf(route), pause);
      return upload;
    },
    signal: hangUp.signal,
    request,
    reply,
  };
};

const answerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const route = request.routeOptions?.config?.plaudit;
  const error = answerableError(thrown, request.id, bodyLimitOf(route ?? {}));
  if (error.status >= 500) request.log.error(faultOf(error), error.code);
  if (error.code === 'request.too_many') reply.header('retry-after', error.parameters.seconds);
  if (error.code === 'access.unauthenticated') reply.header('www-authenticate', 'Bearer');
  const { code, message, cure, status } = error;
  // What is still to come of the request is not read.
  if (status === 408 || status === 413) reply.header('connection', 'close');
  // Whatever the handler had begun to say of its answer does not hold for this one.
  reply.removeHeader('content-length');
  reply
    .code(status)
    .type(json)
    .send(route?.errorBody ? route.errorBody({ status, code, message, cure }) : error.toJSON());
};

/** What is logged of a fault: where it arose. What it says may be from a row, unless our own code wrote it. */
const faultOf = (error: PlauditError): Record<string, unknown> => {
  const { cause } = error;
  if (!(cause instanceof Error)) return { code: error.code };
  const ours =
    cause instanceof TypeError || cause instanceof RangeError || cause.message.startsWith('SQLSTATE');
  const frames = cause.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return { code: error.code, fault: cause.name, ...(ours && { message: cause.message }), stack: frames };
};

/** Headers that keep pages from doing what they need not. */
const headersOf = (overHttps: boolean) => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      // Components set sizes and positions in style attributes.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      ...(overHttps && { upgradeInsecureRequests: [] }),
    },
  },
  strictTransportSecurity: overHttps && { maxAge: 31_536_000 },
  referrerPolicy: { policy: 'no-referrer' as const },
  xFrameOptions: { action: 'deny' as const },
});

/** Logs and counts what was answered: the route's pattern, never the address, the headers or the body. */
const observe = (app: FastifyInstance, metrics: Registry): void => {
  const seconds = new Histogram({
    name: 'plaudit_http_request_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, identity, id } = request;
    const route = request.routeOptions.config.plaudit?.url ?? 'other';
    const status = reply.statusCode;
    seconds.observe({ method, route, status }, reply.elapsedTime / 1000);
    request.log.info(
      { request: id, method, route, status, ms: Math.round(reply.elapsedTime), actor: identity?.actor.id },
      'answered',
    );
  });
};
