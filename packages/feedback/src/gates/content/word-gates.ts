/** @file Shares of coarse language and of sensitive domains, by word lists. */
import { z } from 'zod';
import { ClusteredShare } from '../clustered-share.ts';
import type { MeasuredShare } from '../document.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { finePercent, listed, percent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';
import { type Domain, domains, domainTerms } from './domain-terms.ts';
import { mostlyLatin, TermIndex } from './term-index.ts';
import { toxicTerms } from './toxic-terms.ts';

const covered = 'The lists hold English, German, French and Spanish words and understand none of them.';

export const toxicity = defineGate({
  name: 'toxicity',
  title: 'Toxic language in preferred responses',
  family: 'content',
  unit: 'share',
  required: false,
  memory: 'nothing',
  fix: 'Read the rows listed. Where a toxic answer was preferred by mistake, swap or drop the row; where both answers are bad, say so in the outcome.',
  settings: z.strictObject({
    ...thresholds({ most: 0.01 }, { most: 0.1 }),
    /** Words and phrases that count too, slurs of your domain for instance. */
    words: z.array(z.string().min(1)).default([]),
  }),
  start: ({ words: own }, { draws }) => {
    const index = new TermIndex<string>({ ...toxicTerms, own: { strong: own.join(',') } });
    const [prompts, preferred, others] = [new ClusteredShare(), new ClusteredShare(), new ClusteredShare()];
    const evidence = new Evidence();
    let otherScripts = 0;
    return {
      add: ({ judgement, decisions, words, promptKey, reference }) => {
        const [prompt, ...responses] = words as [readonly string[], ...(readonly string[])[]];
        if (!words.every((some) => some.length === 0 || mostlyLatin(some))) {
          otherScripts++;
          return;
        }
        const drawn = draws.of(promptKey);
        prompts.add(Number(index.tagsOf(prompt).size > 0), promptKey, drawn);
        const [good, bad] = sides(
          judgement.kind === 'label' ? judgement.desirable : null,
          decisions,
          responses.length,
        );
        for (const response of bad)
          others.add(Number(index.tagsOf(responses[response]!).size > 0), promptKey, drawn);
        let toxic = false;
        for (const response of good) {
          const found = index.tagsOf(responses[response]!).size > 0;
          preferred.add(Number(found), promptKey, drawn);
          toxic ||= found;
        }
        if (toxic) evidence.add(reference);
      },
      finish: () => {
        const { value, interval, n } = preferred;
        if (value === null || interval === null)
          return notApplicable(
            otherScripts === 0
              ? 'No response was preferred to another.'
              : `The word lists do not cover the scripts of ${plural(otherScripts, 'row')}, which is all that prefer a response.`,
            'preferred responses',
          );
        const items: MeasuredShare[] = (
          [
            ['prompts', prompts],
            ['preferred responses', preferred],
            ['other responses', others],
          ] as const
        ).map(([name, share]) => ({ name, value: share.value, interval: share.interval, n: share.n }));
        return {
          value,
          interval,
          n,
          noun: 'preferred responses',
          reason: `${finePercent(value)} of ${plural(n, 'preferred response')} hold an obscenity, an insult or a threat by a word list; of the prompts ${finePercent(prompts.value!)}${others.value === null ? '' : `, of the other responses ${finePercent(others.value)}`}. ${covered}${
            otherScripts === 0
              ? ''
              : ` ${plural(otherScripts, 'row')} in other scripts ${otherScripts === 1 ? 'was' : 'were'} left out.`
          }`,
          evidence: evidence.found,
          measures: { prompts: prompts.value, otherResponses: others.value, otherScripts },
          pictures: [
            {
              kind: 'bars',
              title: 'Texts with a toxic word',
              caption:
                'By word lists, with 95 % intervals over prompts. Preferred responses should have fewer than others.',
              noun: 'texts',
              mark: null,
              items,
              omitted: 0,
            },
          ],
        };
      },
    };
  },
});

/** Indices of the responses that are preferred to another and of those that only lose. */
const sides = (
  desirable: boolean | null,
  decisions: readonly { readonly winner: number; readonly loser: number; readonly tie: boolean }[],
  responses: number,
): [good: number[], bad: number[]] => {
  if (desirable !== null) return desirable ? [[0], []] : [[], [0]];
  const won = new Set(decisions.filter(({ tie }) => !tie).map(({ winner }) => winner));
  const lost = new Set(decisions.filter(({ tie }) => !tie).map(({ loser }) => loser));
  const all = Array.from({ length: responses }, (_, response) => response);
  return [all.filter((one) => won.has(one)), all.filter((one) => lost.has(one) && !won.has(one))];
};

export const sensitiveDomains = defineGate({
  name: 'sensitive-domains',
  title: 'Sensitive domains',
  family: 'content',
  unit: 'share',
  required: false,
  memory: 'nothing',
  fix: 'Have people who know the domain judge these rows, check them against your rules for it, and report accuracy on them apart.',
  settings: z.strictObject({
    ...thresholds({ most: 0.25 }, null),
    /** Domains that count; all are shown. */
    domains: z
      .array(z.enum(domains))
      .min(1)
      .default([...domains]),
  }),
  start: ({ domains: counted }, { draws }) => {
    const index = new TermIndex<Domain>(domainTerms);
    const any = new ClusteredShare();
    const shares = new Map(domains.map((domain) => [domain, new ClusteredShare()]));
    const evidence = new Evidence();
    let otherScripts = 0;
    return {
      add: ({ words, promptKey, reference }) => {
        const [prompt] = words as [readonly string[]];
        if (prompt.length > 0 && !mostlyLatin(prompt)) {
          otherScripts++;
          return;
        }
        const drawn = draws.of(promptKey);
        const tags = index.tagsOf(prompt);
        for (const [domain, share] of shares) share.add(Number(tags.has(domain)), promptKey, drawn);
        const counts = counted.some((domain) => tags.has(domain));
        any.add(Number(counts), promptKey, drawn);
        if (counts) evidence.add(reference);
      },
      finish: () => {
        const { value, interval, n } = any;
        if (value === null || interval === null)
          return notApplicable(
            otherScripts === 0
              ? 'There are no prompts.'
              : `The word lists do not cover the scripts of ${plural(otherScripts, 'prompt')}, which is all there are.`,
            'prompts',
          );
        const items = [...shares]
          .map(
            ([name, share]): MeasuredShare => ({
              name,
              value: share.value,
              interval: share.interval,
              n: share.n,
            }),
          )
          .sort((a, b) => b.value! - a.value!);
        const largest = items.filter((item) => item.value! > 0).slice(0, 3);
        return {
          value,
          interval,
          n,
          noun: 'prompts',
          reason: `${percent(value)} of ${plural(n, 'prompt')} touch a sensitive domain by a word list${
            largest.length === 0
              ? ''
              : `, most often ${listed(largest.map((item) => `${item.name} (${percent(item.value!)})`))}`
          }. ${covered}${otherScripts === 0 ? '' : ` ${plural(otherScripts, 'row')} in other scripts ${otherScripts === 1 ? 'was' : 'were'} left out.`}`,
          evidence: evidence.found,
          measures: { otherScripts, ...Object.fromEntries(items.map((item) => [item.name, item.value])) },
          pictures: [
            {
              kind: 'bars',
              title: 'Prompts by sensitive domain',
              caption: 'By word lists, with 95 % intervals over prompts; a prompt may be in several.',
              noun: 'prompts',
              mark: null,
              items,
              omitted: 0,
            },
          ],
        };
      },
    };
  },
});
