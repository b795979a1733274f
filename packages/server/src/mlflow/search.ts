/** @file MLflow's search grammar: comparisons joined by AND, and the order of what is found. */
import { plauditError } from '@plaudit/contract';

/** What is searched: a number or text by the kind and name of a field, such as `metrics` and `loss`. */
export type FieldOf = (kind: string, name: string) => number | string | undefined;

type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN';

interface Comparison {
  readonly kind: string;
  readonly name: string;
  readonly comparator: Comparator;
  readonly value: string | number | readonly string[];
}

const refuse = (problem: string): never => {
  throw plauditError('request.invalid', { problem });
};

const kinds: Readonly<Record<string, string>> = {
  metric: 'metrics',
  metrics: 'metrics',
  param: 'params',
  params: 'params',
  parameter: 'params',
  parameters: 'params',
  tag: 'tags',
  tags: 'tags',
  attribute: 'attributes',
  attributes: 'attributes',
  attr: 'attributes',
  run: 'attributes',
};

const token =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(<=|>=|!=|=|<|>)|([(),])|(-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])|([A-Za-z_][\w.\-/]*))/y;

interface Token {
  readonly quoted?: string;
  readonly sign?: string;
  readonly mark?: string;
  readonly number?: string;
  readonly word?: string;
}

const longest = 10_000;

const tokensOf = (text: string): Token[] => {
  if (text.length > longest) refuse('the filter is too long');
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const found = token.exec(text) ?? refuse('the filter cannot be read');
    const [, quoted, sign, mark, number, word] = found;
    tokens.push({
      ...(quoted !== undefined && { quoted: quoted.slice(1, -1) }),
      ...(sign !== undefined && { sign }),
      ...(mark !== undefined && { mark }),
      ...(number !== undefined && { number }),
      ...(word !== undefined && { word }),
    });
  }
  return tokens;
};

/** `metrics.loss`, `params."a b"`, `start_time`: kind and name. */
const fieldOf = (word: string, quoted: string | undefined): { kind: string; name: string } => {
  const dot = word.indexOf('.');
  if (dot < 0) return { kind: 'attributes', name: word };
  const kind = kinds[word.slice(0, dot).toLowerCase()];
  if (kind === undefined) refuse('the filter names no metric, parameter, tag or attribute');
  return { kind: kind!, name: quoted ?? word.slice(dot + 1) };
};

const comparisonsOf = (filter: string): Comparison[] => {
  const tokens = tokensOf(filter);
  const comparisons: Comparison[] = [];
  let at = 0;
  const next = (): Token => tokens[at++] ?? refuse('the filter ends too early');
  const isWord = (word: string): boolean => tokens[at]?.word?.toUpperCase() === word;
  while (at < tokens.length) {
    if (comparisons.length > 0) {
      if (!isWord('AND')) refuse('comparisons of a filter are joined by AND');
      at++;
    }
    const { word } = next();
    if (word === undefined) refuse('a comparison of the filter begins with a field');
    const quoted = word!.endsWith('.') ? next().quoted : undefined;
    const field = fieldOf(word!, quoted);
    const { sign, word: operator } = next();
    let comparator = (sign ?? operator?.toUpperCase() ?? '') as Comparator | 'NOT' | '';
    if (comparator === 'NOT' && isWord('IN')) {
      at++;
      comparator = 'NOT IN';
    }
    if (!['=', '!=', '<', '<=', '>', '>=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'].includes(comparator))
      refuse('the filter has an unknown comparator');
    const value = comparator.endsWith('IN') ? listOf(next) : valueIn(next());
    comparisons.push({ ...field, comparator: comparator as Comparator, value });
  }
  return comparisons;
};

const valueIn = ({ quoted, number }: Token): string | number =>
  quoted ?? (number === undefined ? refuse('a comparison of the filter ends with a value') : Number(number));

const listOf = (next: () => Token): string[] => {
  if (next().mark !== '(') refuse('IN takes a list in brackets');
  const values: string[] = [];
  for (;;) {
    values.push(String(valueIn(next())));
    const { mark } = next();
    if (mark === ')') return values;
    if (mark !== ',') refuse('the values of a list are separated by commas');
  }
};

/** % stands for any characters and _ for one, as in SQL. Compared without a regular expression, whose time could explode. */
const isLike = (text: string, pattern: string): boolean => {
  let [t, p, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '_' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '%') p++;
  return p === pattern.length;
};

const holds = (found: number | string | undefined, { comparator, value }: Comparison): boolean => {
  if (found === undefined) return false;
  if (Array.isArray(value)) return value.includes(String(found)) === (comparator === 'IN');
  const [a, b] = typeof found === 'number' ? [found, Number(value)] : [found, String(value)];
  switch (comparator) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case 'LIKE':
      return isLike(String(a), String(b));
    case 'ILIKE':
      return isLike(String(a).toLowerCase(), String(b).toLowerCase());
    default:
      return false;
  }
};

/** @throws PlauditError request.invalid for a filter that is none */
export const parseFilter = (filter: string): ((of: FieldOf) => boolean) => {
  const comparisons = comparisonsOf(filter);
  return (of) => comparisons.every((one) => holds(of(one.kind, one.name), one));
};

/**
 * Compares by each clause in turn; what has no value comes last, in either direction.
 *
 * @throws PlauditError request.invalid
 */
export const parseOrder = (clauses: readonly string[]): ((a: FieldOf, b: FieldOf) => number) => {
  const orders = clauses.map((clause) => {
    const [, word, quoted, direction] =
      /^\s*([A-Za-z_][\w.\-/]*\.?)(["`][^"`]*["`])?\s*(asc|desc)?\s*$/i.exec(clause) ??
      refuse('an order is a field with ASC or DESC');
    const field = fieldOf(word!, quoted?.slice(1, -1));
    return { ...field, sign: direction?.toLowerCase() === 'desc' ? -1 : 1 };
  });
  return (a, b) => {
    for (const { kind, name, sign } of orders) {
      const [x, y] = [a(kind, name), b(kind, name)];
      if (x === y) continue;
      if (x === undefined) return 1;
      if (y === undefined) return -1;
      return x < y ? -sign : sign;
    }
    return 0;
  };
};
