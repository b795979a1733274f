/** @file Python literals, as `print(row)` writes a dictionary: strings, numbers, True, False, None, lists, tuples, dicts. */

/** Nesting that no row of data needs; the parser calls itself for each level. */
const deepest = 64;

const numberForm = /[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const wordForm = /[A-Za-z_]+/y;
const blankForm = /\s*/y;
/** Characters of a string that stand for themselves, up to the next quote, escape or line break. */
const plainForms = { "'": /[^'\\\n\r]*/y, '"': /[^"\\\n\r]*/y } as const;
const words = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
]);
const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};
const escapeDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * The value of one literal. Tuples become lists; a dictionary's keys become text.
 *
 * @throws SyntaxError for anything that is not a literal; it never says what stands there
 * @see https://docs.python.org/3/library/ast.html#ast.literal_eval
 */
export const parsePythonLiteral = (text: string): unknown => {
  const parser = new LiteralParser(text);
  const value = parser.value(0);
  parser.end();
  return value;
};

class LiteralParser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): unknown {
    if (depth > deepest) throw new SyntaxError('the literal is nested too deeply');
    this.blank();
    const first = this.text[this.at];
    if (first === '{') return this.dict(depth);
    if (first === '[') return this.list(']', depth);
    if (first === '(') return this.list(')', depth);
    if (first === "'" || first === '"') return this.strings();
    const number = this.take(numberForm);
    if (number !== undefined) return Number(number.replaceAll('_', ''));
    const word = this.take(wordForm);
    if (word !== undefined && words.has(word)) return words.get(word);
    throw new SyntaxError('a literal is expected');
  }

  /** @throws SyntaxError when something comes after the literal */
  end(): void {
    this.blank();
    if (this.at < this.text.length) throw new SyntaxError('the text goes on after the literal');
  }

  private take(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    const found = form.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.at += found.length;
    return found;
  }

  private blank(): void {
    this.take(blankForm);
  }

  private accepts(character: string): boolean {
    this.blank();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private dict(depth: number): Record<string, unknown> {
    this.at++;
    const entries: [string, unknown][] = [];
    while (!this.accepts('}')) {
      const key = this.value(depth + 1);
      if (typeof key === 'object' && key !== null) throw new SyntaxError('a key is a list or a dictionary');
      if (!this.accepts(':')) throw new SyntaxError('a colon is expected');
      entries.push([String(key), this.value(depth + 1)]);
      if (this.accepts(',')) continue;
      if (!this.accepts('}')) throw new SyntaxError('a comma is expected');
      break;
    }
    // Not by assignment: a key named __proto__ is a key like any other.
    return Object.fromEntries(entries);
  }

  private list(close: string, depth: number): unknown[] {
    this.at++;
    const items: unknown[] = [];
    while (!this.accepts(close)) {
      items.push(this.value(depth + 1));
      if (this.accepts(',')) continue;
      if (!this.accepts(close)) throw new SyntaxError('a comma is expected');
      break;
    }
    return items;
  }

  /** One string, or several side by side, which are one in Python. */
  private strings(): string {
    const parts: string[] = [];
    for (let quote = this.quote(); quote !== undefined; quote = this.quote()) parts.push(this.string(quote));
    return parts.join('');
  }

  private quote(): "'" | '"' | undefined {
    this.blank();
    const character = this.text[this.at];
    return character === "'" || character === '"' ? character : undefined;
  }

  private string(quote: "'" | '"'): string {
    this.at++;
    let value = '';
    while (true) {
      value += this.take(plainForms[quote]) ?? '';
      const stop = this.text[this.at++];
      if (stop === quote) return value;
      if (stop !== '\\') throw new SyntaxError('a string does not end');
      value += this.escape();
    }
  }

  private escape(): string {
    const kind = this.text[this.at++] ?? '';
    const simple = simpleEscapes[kind];
    if (simple !== undefined) return simple;
    const digits = escapeDigits[kind];
    if (digits !== undefined) {
      const code = this.text.slice(this.at, this.at + digits);
      if (code.length !== digits || !/^[0-9a-fA-F]+$/.test(code))
        throw new SyntaxError('an escape is cut off');
      const point = Number.parseInt(code, 16);
      if (point > 0x10ffff) throw new SyntaxError('an escape is beyond Unicode');
      this.at += digits;
      return String.fromCodePoint(point);
    }
    if (/[0-7]/.test(kind)) {
      const octal = /^[0-7]{1,2}/.exec(this.text.slice(this.at, this.at + 2))?.[0] ?? '';
      this.at += octal.length;
      return String.fromCodePoint(Number.parseInt(kind + octal, 8));
    }
    if (kind === 'N') throw new SyntaxError('names of characters are not known');
    // Python keeps the backslash of an escape that it does not know.
    return `\\${kind}`;
  }
}
