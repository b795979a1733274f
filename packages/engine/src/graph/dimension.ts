/** @file Dimensions: sizes that are numbers, or polynomials in named sizes that are known only when a graph runs. */

/**
 * A size. A string is a polynomial in canonical form, such as `batch*prompt+2*response`, so two dimensions are
 * equal exactly when they are `===`.
 */
export type Dimension = number | string;

/** Monomial (sorted names joined by `*`, '' for the constant) to its integer coefficient. */
type Polynomial = ReadonlyMap<string, number>;

const parsed = new Map<string, Polynomial>();

export const polynomialOf = (dimension: Dimension): Polynomial => {
  if (typeof dimension === 'number') return dimension === 0 ? new Map() : new Map([['', dimension]]);
  const known = parsed.get(dimension);
  if (known) return known;
  const terms = new Map<string, number>();
  for (const term of dimension.replaceAll('-', '+-').split('+')) {
    if (term === '') continue;
    let coefficient = 1;
    const names: string[] = [];
    for (const factor of term.split('*')) {
      const text = factor.startsWith('-') ? factor.slice(1) : factor;
      if (factor.startsWith('-')) coefficient = -coefficient;
      if (/^\d+$/.test(text)) coefficient *= Number(text);
      else names.push(text);
    }
    const monomial = names.sort().join('*');
    terms.set(monomial, (terms.get(monomial) ?? 0) + coefficient);
  }
  parsed.set(dimension, terms);
  return terms;
};

const canonical = (terms: Polynomial): Dimension => {
  const kept = [...terms].filter(([, coefficient]) => coefficient !== 0);
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0]![0] === '') return kept[0]![1];
  kept.sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  let text = '';
  for (const [monomial, coefficient] of kept) {
    const size = Math.abs(coefficient);
    const body = monomial === '' ? String(size) : size === 1 ? monomial : `${size}*${monomial}`;
    text += coefficient < 0 ? `-${body}` : text === '' ? body : `+${body}`;
  }
  return text;
};

const combine = (a: Dimension, b: Dimension, sign: number): Dimension => {
  if (typeof a === 'number' && typeof b === 'number') return a + sign * b;
  const terms = new Map(polynomialOf(a));
  for (const [monomial, coefficient] of polynomialOf(b)) {
    terms.set(monomial, (terms.get(monomial) ?? 0) + sign * coefficient);
  }
  return canonical(terms);
};

/** a + b. */
export const addDimensions = (a: Dimension, b: Dimension): Dimension => combine(a, b, 1);

/** a - b. */
export const subtractDimensions = (a: Dimension, b: Dimension): Dimension => combine(a, b, -1);

/** The product of all, 1 for none: the number of elements of a shape. */
export const multiplyDimensions = (...dimensions: readonly Dimension[]): Dimension => {
  let product: Polynomial = new Map([['', 1]]);
  for (const dimension of dimensions) {
    const next = new Map<string, number>();
    for (const [left, a] of product) {
      for (const [right, b] of polynomialOf(dimension)) {
        const names = [...(left === '' ? [] : left.split('*')), ...(right === '' ? [] : right.split('*'))];
        const monomial = names.sort().join('*');
        next.set(monomial, (next.get(monomial) ?? 0) + a * b);
      }
    }
    product = next;
  }
  return canonical(product);
};

/** Puts a dimension that a caller wrote by hand into canonical form. */
export const normaliseDimension = (dimension: Dimension): Dimension =>
  typeof dimension === 'number' ? dimension : canonical(polynomialOf(dimension));

/** The value of a dimension when the named sizes are known. @throws RangeError naming a size that is not. */
export const evaluateDimension = (dimension: Dimension, sizes: Readonly<Record<string, number>>): number => {
  let total = 0;
  for (const [monomial, coefficient] of polynomialOf(dimension)) {
    let term = coefficient;
    for (const name of monomial === '' ? [] : monomial.split('*')) {
      const size = sizes[name];
      if (size === undefined) throw new RangeError(`the size of ${name} is not known`);
      term *= size;
    }
    total += term;
  }
  return total;
};

export const formatShape = (shape: readonly Dimension[]): string => `[${shape.join(', ')}]`;
