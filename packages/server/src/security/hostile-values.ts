/** @file Tests: what has broken a server somewhere, and bodies of the form that a route asks for with some of it inside. */
import type { Random } from '@plaudit/contract';

export const hostileTexts: readonly string[] = [
  ...['', '\0', 'a\0b', '\ud800', 'x\udfff', '\u202e\u2066abc', '\ufeff', '__proto__', 'constructor'],
  ...['toString', "'; drop table users; --", '%', '\\x00', '{{7*7}}', '../../etc/passwd', '..\\..\\x'],
  ...['/etc/passwd', '00000000-0000-0000-0000-000000000000', '019abcde-0000-7000-8000-00000000000'],
  ...['f'.repeat(64), 'hf:../..', '2026-13-45T99:99:99Z', '+275760-09-13T00:00:00.001Z', 'infinity', 'NaN'],
  ...['1e400', '-0', '9'.repeat(400), 'x'.repeat(5000), '🙂'.repeat(300), 'a\r\nset-cookie: b=c'],
  ...['('.repeat(500), '(a+)+$', '-271821-04-20T00:00:00Z'],
];
export const hostileNumbers: readonly number[] = [0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324];
const others: readonly unknown[] = [
  null,
  true,
  [],
  {},
  [[[]]],
  { constructor: 1 },
  { a: { b: { c: null } } },
];

type Schema = Readonly<Record<string, unknown>>;

export interface Filling {
  readonly random: Random;
  /** Share of the places that hold something of another kind than the schema asks for. */
  readonly wrong: number;
  /** What takes the place of texts. */
  readonly texts: readonly string[];
}

const deepest = 6;

/** A document of the form of a JSON Schema. */
export const filled = (schema: Schema, filling: Filling, depth = 0): unknown => {
  const { random, wrong, texts } = filling;
  const anything = (): unknown =>
    random.pick<unknown>(random.pick<readonly unknown[]>([texts, hostileNumbers, others]));
  const inside = (of: unknown): unknown => filled((of ?? {}) as Schema, filling, depth + 1);
  if (random.uniform() < wrong) return anything();
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return random.pick(schema.enum as unknown[]);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices) return filled(random.pick(choices), filling, depth);
  switch (schema.type) {
    case 'object': {
      const { properties = {}, required = [] } = schema as {
        properties?: Schema;
        required?: readonly string[];
      };
      const made: Record<string, unknown> = {};
      for (const [name, of] of Object.entries(properties))
        if (required.includes(name) || random.uniform() < 0.4) made[name] = inside(of);
      if (schema.additionalProperties && depth < deepest) made[random.pick(texts).slice(0, 40)] = anything();
      return made;
    }
    case 'array': {
      const length = Math.max(Number(schema.minItems ?? 0), depth < deepest ? random.integer(3) : 0);
      return Array.from({ length: Math.min(length, 100) }, () => inside(schema.items));
    }
    case 'string':
      return schema.format === 'email' ? 'eve@example.org' : random.pick(texts);
    case 'integer':
    case 'number':
      return random.pick([1, ...hostileNumbers]);
    case 'boolean':
      return random.uniform() < 0.5;
    default:
      return anything();
  }
};

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** Such as `/v1/projects/{project}/runs/{run}`. */
  readonly path: string;
  /** Names in the path but for the project's. */
  readonly inPath: readonly string[];
  readonly inQuery: readonly string[];
  /** Of a JSON body. */
  readonly schema: Schema | undefined;
}

/** Every operation of an OpenAPI document. */
// biome-ignore lint/suspicious/noExplicitAny: a document of the server under attack
export const operationsOf = ({ paths }: any): readonly Operation[] =>
  Object.entries(paths as Record<string, Record<string, Schema>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const parameters = operation.parameters as readonly { name: string; in: string }[];
      const named = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name);
      const { content } = (operation.requestBody ?? {}) as { content?: Record<string, { schema: Schema }> };
      return {
        ...{ id: String(operation.operationId), method: method.toUpperCase(), path },
        ...{ inPath: named('path').filter((name) => name !== 'project'), inQuery: named('query') },
        schema: content?.['application/json']?.schema,
      };
    }),
  );

/** The address with every name filled in. Lone surrogates cannot be said in an address. */
export const addressOf = (
  { path, inPath }: Operation,
  project: string,
  named: (name: string) => string,
): string =>
  inPath.reduce(
    (address, name) => address.replace(`{${name}}`, encodeURIComponent(named(name).toWellFormed()) || '%00'),
    path.replace('{project}', project),
  );
