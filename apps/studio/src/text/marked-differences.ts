/** @file Two Markdown texts as HTML in which the words that the other one lacks are marked, in code, tables and formulas too. */
import { safeHtml, unsafeHtml } from './markdown.ts';
import { areTooMany, common, words } from './word-differences.ts';

/** A word of a text, or a whole formula. */
interface Token {
  readonly text: string;
  readonly node: Text | Element;
  /** In the text node. */
  readonly from: number;
  readonly to: number;
}

/** An inert document: nothing of it is loaded or run. */
const parsed = (text: string): DocumentFragment => {
  const template = document.createElement('template');
  template.innerHTML = unsafeHtml(text);
  return template.content;
};

const isFormula = (node: Node): node is Element =>
  node instanceof Element && node.classList.contains('katex');

/** @param byPiece Each text node as one token: for texts that are too long for words. */
const tokensOf = (node: Node, byPiece: boolean): Token[] => {
  if (isFormula(node)) {
    const text = node.querySelector('annotation')?.textContent ?? node.textContent ?? '';
    return [{ text, node, from: 0, to: 0 }];
  }
  if (!(node instanceof Text)) return [...node.childNodes].flatMap((child) => tokensOf(child, byPiece));
  const tokens: Token[] = [];
  let from = 0;
  for (const text of byPiece ? [node.data] : words(node.data)) {
    if (text.trim() !== '') tokens.push({ text, node, from, to: from + text.length });
    from += text.length;
  }
  return tokens;
};

const markOf = (document: Document): HTMLElement => {
  const mark = document.createElement('mark');
  mark.dataset.side = 'added';
  return mark;
};

/** Marks what is not in the other text; words that follow one another are marked together. */
const mark = (tokens: readonly Token[], same: Uint8Array): void => {
  for (let at = tokens.length - 1; at >= 0; at--) {
    if (same[at] === 1) continue;
    const { node, to } = tokens[at]!;
    const made = markOf(node.ownerDocument);
    if (node instanceof Element) {
      node.replaceWith(made);
      made.append(node);
      continue;
    }
    while (at > 0 && same[at - 1] === 0 && tokens[at - 1]!.node === node) at--;
    // From the end of the node to its start, so that the places of what comes before stay as they are.
    const text = node as Text;
    text.splitText(to);
    made.append(text.splitText(tokens[at]!.from));
    text.after(made);
  }
};

/**
 * Both texts as HTML that is safe to show.
 *
 * @example markedDifferences('a **big** dog', 'a dog')[0] // '<p>a <strong><mark data-side="added">big</mark></strong> dog</p>'
 */
export const markedDifferences = (a: string, b: string): readonly [string, string] => {
  const sides = [parsed(a), parsed(b)] as const;
  let [inA, inB] = sides.map((side) => tokensOf(side, false)) as [Token[], Token[]];
  if (areTooMany(inA, inB)) [inA, inB] = sides.map((side) => tokensOf(side, true)) as [Token[], Token[]];
  const texts = (tokens: readonly Token[]): string[] => tokens.map(({ text }) => text);
  const [sameA, sameB] = common(texts(inA), texts(inB));
  mark(inA, sameA);
  mark(inB, sameB);
  return sides.map((side) => {
    const host = document.createElement('template');
    host.content.append(side);
    return safeHtml(host.innerHTML);
  }) as [string, string];
};
