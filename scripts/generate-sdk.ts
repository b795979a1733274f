/** @file Writes packages/sdk/src/operations.ts from the server's routes, by way of OpenAPI; with --check, says whether it is out of date. */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

const folder = fileURLToPath(new URL('../packages/server/src/', import.meta.url));
const output = fileURLToPath(new URL('../packages/sdk/src/operations.ts', import.meta.url));

/** Stands for every service: routes are made with it and never called. */
const nothing: unknown = new Proxy(() => undefined, { get: () => nothing, apply: () => nothing });

/** Every route of every feature: each exports functions named `…Routes`. */
const routes = async (): Promise<readonly { readonly operation: string }[]> => {
  const found = new Map<string, { readonly operation: string }>();
  for (const file of globSync('**/*routes.ts', { cwd: folder }).sort()) {
    const made = (await import(join(folder, file))) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(made)) {
      if (!/Routes$/.test(name) || typeof value !== 'function') continue;
      const list = (value as (...services: unknown[]) => unknown)(nothing, nothing, nothing, nothing);
      if (Array.isArray(list)) for (const one of list) found.set(one.operation, one);
    }
  }
  return [...found.values()].sort((a, b) => (a.operation < b.operation ? -1 : 1));
};

/** A JSON Schema as a TypeScript type. */
const typeOf = (schema: Schema | undefined): string => {
  if (schema === undefined) return 'unknown';
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return [...new Set(union.map((one) => `(${typeOf(one)})`))].join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one)})`).join(' & ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return schema.prefixItems
        ? `readonly [${schema.prefixItems.map(typeOf).join(', ')}]`
        : `readonly (${typeOf(schema.items)})[]`;
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
};

const field = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

const objectType = ({ properties = {}, required = [], additionalProperties }: Schema): string => {
  const fields = Object.entries(properties).map(
    ([name, of]) => `readonly ${field(name)}${required.includes(name) ? '' : '?'}: ${typeOf(of)}`,
  );
  if (fields.length === 0)
    return typeof additionalProperties === 'object'
      ? `Readonly<Record<string, ${typeOf(additionalProperties)}>>`
      : 'Readonly<Record<string, unknown>>';
  return `{ ${fields.join('; ')} }`;
};

/** Parameters of one place as an object; undefined where there are none. */
const partType = (operation: Operation, place: 'path' | 'query'): string => {
  const own = operation.parameters.filter((one) => one.in === place);
  if (own.length === 0) return 'undefined';
  // A value in a path or query is text, and what reads as a number may be given as one.
  const fields = own.map(
    ({ name, required, schema }) => `readonly ${field(name)}${required ? '' : '?'}: ${inAddress(schema)}`,
  );
  return `{ ${fields.join('; ')} }`;
};

const inAddress = (schema: Schema): string => {
  const type = typeOf(schema);
  return type === 'unknown' ? 'string | number | boolean' : type;
};

const document = async (): Promise<string> => {
  const { openApiDocument } = (await import(join(folder, 'http/open-api.ts'))) as {
    openApiDocument: (
      routes: unknown,
      options: object,
    ) => { paths: Record<string, Record<string, Operation>> };
  };
  const { paths } = openApiDocument(await routes(), { version: '0', sessionCookie: '' });
  const types: string[] = [];
  const values: string[] = [];
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  all.sort((a, b) => (a.operation.operationId < b.operation.operationId ? -1 : 1));
  for (const { path, method, operation } of all) {
    const content = operation.requestBody?.content;
    const upload = content?.['application/octet-stream'] !== undefined;
    const body = upload ? 'Blob' : typeOfBody(content?.['application/json']?.schema);
    const query = partType(operation, 'query');
    const answer = Object.entries(operation.responses).find(([status]) => status !== 'default')?.[1];
    types.push(`/** ${operation.summary} */
${field(operation.operationId)}: {
        readonly params: ${partType(operation, 'path')};
        readonly query${query === 'undefined' ? '' : '?'}: ${query};
        readonly body: ${body};
        readonly result: ${answer?.content ? typeOf(answer.content['application/json']?.schema) : 'undefined'};
      };`);
    values.push(
      `${field(operation.operationId)}: { method: '${method.toUpperCase()}', path: '${path}'${upload ? ', upload: true' : ''} },`,
    );
  }
  const text = `/** @file Every operation of the HTTP API. Made by scripts/generate-sdk.ts from the server's routes. */

export interface Operations { ${types.join('\n')} }

export const operations = { ${values.join('\n')} } as const satisfies Record<keyof Operations, object>;
`;
  return formatted(text);
};

const typeOfBody = (schema: Schema | undefined): string => (schema ? typeOf(schema) : 'undefined');

/** As biome would write it. */
const formatted = (text: string): string => {
  const args = ['format', '--stdin-file-path', output];
  return execFileSync('biome', args, { input: text, encoding: 'utf8' });
};

const made = await document();
if (process.argv.includes('--check')) {
  if (made !== (await readFile(output, 'utf8').catch(() => ''))) {
    process.stderr.write('packages/sdk/src/operations.ts is out of date: run scripts/generate-sdk.ts\n');
    process.exitCode = 1;
  }
} else await writeFile(output, made);
