/** @file The OpenAPI 3.1 document, made from the list of routes. The SDK is generated from it. */
import { z } from 'zod';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** JSON Schema of a zod schema: of what is sent for `input`, of what comes back for `output`. */
const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (zodSchema._zod.def.type === 'date') {
        made.type = 'string';
        made.format = 'date-time';
      }
    },
  }) as Json & { $schema?: unknown };
  return rest;
};

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'cure', 'parameters'],
      properties: {
        code: { type: 'string', description: 'Of the error table, such as store.unknown' },
        message: { type: 'string', description: 'What happened' },
        cure: { type: 'string', description: 'What to do about it' },
        parameters: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
      },
    },
  },
};

/** Each property of an object schema as a parameter of the request. */
const parametersOf = (schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] => {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof of.description === 'string' && { description: of.description }),
    schema: of,
  }));
};

/** Names of the path that no schema describes. */
const undescribed = (url: string, described: readonly Json[]): Json[] =>
  [...url.matchAll(/:(\w+)/g)]
    .map(([, name]) => name!)
    .filter((name) => !described.some((parameter) => parameter.name === name))
    .map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

const operationOf = (route: Route): Json => {
  // What a wildcard stands for is named `path` here; OpenAPI has no name for it.
  const path = parametersOf(route.params, 'path').map((parameter) =>
    parameter.name === '*' ? { ...parameter, name: 'path' } : parameter,
  );
  const status = String(route.status ?? 200);
  const answer = route.result && {
    content: { 'application/json': { schema: jsonSchema(route.result, 'output') } },
  };
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    parameters: [...path, ...undescribed(route.url, path), ...parametersOf(route.query, 'query')],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
      },
    }),
    ...(route.upload && {
      requestBody: {
        required: true,
        content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
    }),
    responses: {
      [status]: { description: 'It worked.', ...answer },
      default: route.errorBody
        ? { description: 'It did not work; said as this format says it.' }
        : { $ref: '#/components/responses/Error' },
    },
    security: route.access === 'public' ? [] : [{ session: [] }, { key: [] }],
    'x-access': route.access,
  };
};

export interface OpenApiOptions {
  readonly version: string;
  readonly sessionCookie: string;
}

/** @param routes In the order in which they are shown. */
export const openApiDocument = (
  routes: readonly Route[],
  { version, sessionCookie }: OpenApiOptions,
): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plaudit',
      version,
      description: 'Collect judgements, train and validate reward models, serve them and watch them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
        key: { type: 'http', scheme: 'bearer', description: 'An API key of one project: plt_…' },
      },
      schemas: { Error: errorSchema },
      responses: {
        Error: {
          description: 'It did not work.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
    },
  };
};
