/** @file Markdown with code and maths as HTML that can do nothing: no raw HTML, no pictures from elsewhere, no scripts. */
import DOMPurify from 'dompurify';
import highlight from 'highlight.js/lib/common';
import katex from 'katex';
import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt({
  html: false,
  linkify: true,
  breaks: true,
  highlight: (code, language) =>
    highlight.getLanguage(language) ? highlight.highlight(code, { language }).value : '',
}).disable('image');

const formula = (text: string, displayMode: boolean): string =>
  katex.renderToString(text, { displayMode, throwOnError: false, trust: false, maxExpand: 100, maxSize: 20 });

/** Opening and closing marks of formulas. A dollar sign before a space or a digit after it is money. */
const marks = [
  { open: '$$', close: '$$', display: true },
  { open: '\\[', close: '\\]', display: true },
  { open: '\\(', close: '\\)', display: false },
  { open: '$', close: '$', display: false },
] as const;

markdown.inline.ruler.before('escape', 'formula', (state, silent) => {
  const { src, pos } = state;
  for (const { open, close, display } of marks) {
    if (!src.startsWith(open, pos)) continue;
    const from = pos + open.length;
    const to = src.indexOf(close, from);
    if (to <= from) continue;
    const text = src.slice(from, to);
    if (open === '$' && (/^\s|\s$|\n\n/.test(text) || /\d/.test(src[to + 1] ?? ''))) continue;
    if (!silent) {
      const token = state.push('formula', '', 0);
      token.content = text;
      token.meta = { display };
    }
    state.pos = to + close.length;
    return true;
  }
  return false;
});
markdown.renderer.rules.formula = (tokens, at) =>
  formula(tokens[at]!.content, tokens[at]!.meta?.display === true);

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  // What may be wider than its column is scrolled by keyboard, too.
  if (node.tagName === 'PRE' || node.tagName === 'TABLE') node.setAttribute('tabindex', '0');
  if (node.tagName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** Markdown as HTML that has not been made safe: for a document that is not shown, and `safeHtml` after that. */
export const unsafeHtml = (text: string): string => markdown.render(text);

/** @returns HTML that is safe to put into the page, whatever it says. */
export const safeHtml = (html: string): string =>
  DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true, mathMl: true, svg: true },
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'img', 'video', 'audio', 'iframe', 'use'],
    FORBID_ATTR: ['id', 'name'],
  });

export const renderMarkdown = (text: string): string => safeHtml(unsafeHtml(text));
