/** @file Responses from several updates, for people to read: numbers do not show what a policy says. */
import { type Html, html } from '@plaudit/reward';
import type { PolicyRecord, SampleRecord } from '../trainer/record.ts';
import { number } from './words.ts';

/** Updates that are shown. */
const most = 6;
/** Updates whose samples lie open. */
const open = 1;

const longest = 2000;
const shorten = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest)} … (${text.length - longest} more characters)`;

const rewardOf = ({ reward, gold }: SampleRecord): string =>
  `reward ${number(reward)}${gold === undefined ? '' : `, gold ${number(gold)}`}`;

/** The first update, the last one, and some between at equal distances. */
const chosen = (records: readonly PolicyRecord[]): PolicyRecord[] => {
  const shown = records.filter(({ rollout }) => rollout && rollout.samples.length > 0);
  if (shown.length <= most) return shown;
  return Array.from({ length: most }, (_, i) => shown[Math.round((i * (shown.length - 1)) / (most - 1))]!);
};

/** The last update first. Empty where no record has samples. */
export const samplesOf = (records: readonly PolicyRecord[]): Html[] =>
  chosen(records)
    .toReversed()
    .map(
      ({ step, rollout }, i) =>
        html`<details class="sample"${i < open && html` open`}><summary>Update ${step}</summary>${rollout!.samples.map(
          (sample) =>
            html`<h4>Prompt</h4><pre>${shorten(sample.prompt)}</pre><h4>Response (${rewardOf(sample)})</h4><pre>${shorten(sample.response)}</pre>`,
        )}</details>`,
    );
