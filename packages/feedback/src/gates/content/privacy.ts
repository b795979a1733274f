/** @file Whether the texts hold personal data or secrets. */
import { z } from 'zod';
import { createDetector } from '../../privacy/index.ts';
import type { CheckedRow } from '../checked-row.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable, type Observation } from '../gate.ts';
import { finePercent, listed, plural } from '../sentences.ts';
import type { PrivacyFindings } from '../shared.ts';
import { thresholds } from '../thresholds.ts';

/** Types that the sentence names. */
const named = 4;

export const privacy = defineGate({
  name: 'privacy',
  title: 'Personal data and secrets',
  family: 'content',
  unit: 'share',
  required: false,
  memory: 'nothing',
  fix: 'Import the data again with scrubbing on (redact, mask or pseudonyms), and revoke every key or token that was found: a model can repeat what it was trained on.',
  settings: z.strictObject(thresholds({ most: 0 }, { most: 0.02 })),
  start: (_, __, inputs) => {
    if (inputs.privacy === null)
      return { finish: () => notApplicable('The rows were not scanned for personal data.', 'judgements') };
    if (inputs.privacy) {
      const given = inputs.privacy;
      return { finish: () => observed(given) };
    }
    const detector = createDetector();
    const evidence = new Evidence();
    const findings = new Map<string, number>();
    let n = 0;
    let prompt = { key: Number.NaN, types: [] as readonly string[] };
    const typesIn = (text: string): readonly string[] => detector.scan(text).map(({ type }) => type);
    return {
      add: ({ prompt: turns, promptKey, responses, reference }: CheckedRow) => {
        n++;
        // Rows of one prompt often follow each other.
        if (prompt.key !== promptKey)
          prompt = { key: promptKey, types: turns.flatMap(({ content }) => typesIn(content)) };
        const types = [...prompt.types, ...responses.flatMap(typesIn)];
        for (const type of types) findings.set(type, (findings.get(type) ?? 0) + 1);
        if (types.length > 0) evidence.add(reference);
      },
      finish: () => ({
        ...observed({ findings: Object.fromEntries(findings), rows: evidence.found.total, n }),
        evidence: evidence.found,
      }),
    };
  },
});

const observed = ({ findings, rows, n }: PrivacyFindings): Observation => {
  if (n === 0) return notApplicable('There are no judgements.', 'judgements');
  const types = Object.entries(findings).sort((a, b) => b[1] - a[1]);
  const most = types.slice(0, named).map(([type, count]) => `${type} (${count})`);
  return {
    value: rows / n,
    n,
    noun: 'judgements',
    reason:
      rows === 0
        ? `Nothing in ${plural(n, 'judgement')} looks like personal data or a secret.`
        : `${plural(rows, 'judgement')} of ${n.toLocaleString('en')} (${finePercent(rows / n)}) ${rows === 1 ? 'holds' : 'hold'} what looks like personal data or a secret: ${types.length > named ? `${most.join(', ')} and others` : listed(most)}. Names of people are not looked for.`,
    measures: Object.fromEntries(types),
    pictures:
      types.length === 0
        ? []
        : [
            {
              kind: 'histogram',
              title: 'What was found',
              caption: 'Findings by type; a row may have several.',
              x: 'type',
              noun: 'findings',
              bins: types.slice(0, 20).map(([name, count]) => ({ name, count })),
            },
          ],
  };
};
