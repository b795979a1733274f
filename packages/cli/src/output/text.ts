/** @file Results as text for people: aligned lines, percentages, intervals in words. */
import type { GroupAccuracy, Interval, ValidationDocument } from '@plaudit/reward';

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export const count = (value: number): string => value.toLocaleString('en');

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const between = ([low, high]: Interval): string => `${percent(low)} to ${percent(high)}`;

/** Rows of a name and what belongs to it, the second column aligned. */
export const aligned = (rows: readonly (readonly [string, string])[], indent = '  '): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}\n`).join('');
};

const passed = ({ canaries }: ValidationDocument): string => {
  const { swappedLabels, shuffledLabels, trainedOnShuffledLabels } = canaries;
  const named = {
    'swapped labels': swappedLabels,
    'shuffled labels': shuffledLabels,
    'trained on shuffled labels': trainedOnShuffledLabels,
  };
  return Object.entries(named)
    .filter(([, canary]) => canary !== undefined)
    .map(([name, canary]) => `${name} ${canary!.passed ? 'passed' : 'FAILED'}`)
    .join(', ');
};

/** What a person asks first of a validation. */
export const validationText = (document: ValidationDocument): string =>
  aligned([
    ['accuracy', `${percent(document.accuracy)}  (95 % interval ${between(document.accuracyInterval)})`],
    ['measured on', `${plural(document.pairs, 'comparison')} of ${plural(document.prompts, 'prompt')}`],
    [
      'length baseline',
      `${percent(document.lengthBaseline)}  (always the ${document.lengthBaselines.better} response)`,
    ],
    [
      'calibration error',
      `${document.ece.toFixed(3)}  (${document.eceUncalibrated.toFixed(3)} before temperature ${document.temperature.toFixed(2)})`,
    ],
    ['canaries', passed(document)],
  ]);

export const groupsText = (groups: readonly GroupAccuracy[]): string =>
  aligned(
    groups.map(({ group, accuracy, accuracyInterval, pairs }) => [
      group,
      `${percent(accuracy)}  (${between(accuracyInterval)}, ${plural(pairs, 'comparison')})`,
    ]),
    '    ',
  );

/** A word of the shell, quoted where it has to be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
