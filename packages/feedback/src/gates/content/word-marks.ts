/** @file What the word lists say of one prompt and one response, without a set of judgements around them. */
import type { Prompt } from '@plaudit/contract';
import { wordsOf } from '../text-words.ts';
import { type Domain, domainTerms } from './domain-terms.ts';
import { mostlyLatin, TermIndex } from './term-index.ts';
import { toxicTerms } from './toxic-terms.ts';

export interface WordMarks {
  /** Sensitive domains of the prompt. */
  readonly domains: readonly Domain[];
  /** Whether the response holds an obscenity, an insult or a threat. */
  readonly toxic: boolean;
  /** Whether the lists cover the scripts of both. */
  readonly covered: boolean;
}

/** Made at the first need: it takes some milliseconds, a text then a fraction of one. */
let lists: { readonly toxic: TermIndex<string>; readonly domain: TermIndex<Domain> } | undefined;

/**
 * The marks that the gates of toxicity and of sensitive domains go by. Words that are found count in whatever script the rest is.
 *
 * @example wordMarks([{ role: 'user', content: 'What dose may my child take?' }], 'Ask a doctor.').domains
 */
export const wordMarks = (prompt: Prompt, response: string): WordMarks => {
  lists ??= { toxic: new TermIndex<string>(toxicTerms), domain: new TermIndex<Domain>(domainTerms) };
  const asked = wordsOf(prompt.map(({ content }) => content).join('\n'));
  const answered = wordsOf(response);
  return {
    domains: [...lists.domain.tagsOf(asked)],
    toxic: lists.toxic.tagsOf(answered).size > 0,
    covered: [asked, answered].every((words) => words.length === 0 || mostlyLatin(words)),
  };
};
