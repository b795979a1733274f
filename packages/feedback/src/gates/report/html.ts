/** @file HTML that is escaped by construction: what a template is given is text unless it came from a template. */

/** A piece of markup that is safe to insert. Only `html` makes one. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that XML and HTML forbid (controls but tab and line ends) and half surrogates become U+FFFD. */
const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const escapeHtml = (text: string): string =>
  text.replace(forbidden, '\ufffd').replace(/[&<>"']/g, (character) => entities[character]!);

type Insertable = string | number | Html | null | undefined | false | readonly Insertable[];

const insert = (value: Insertable): string => {
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(insert).join('');
  return '';
};

/**
 * Makes markup from a template; strings in it are escaped, lists joined, null and false left out.
 *
 * @example html`<p title="${name}">${paragraphs.map((p) => html`<b>${p}</b>`)}</p>`
 */
export const html = (parts: TemplateStringsArray, ...values: readonly Insertable[]): Html =>
  new Html(parts.reduce((text, part, i) => text + insert(values[i - 1]) + part));
