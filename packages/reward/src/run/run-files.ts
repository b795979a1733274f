/** @file The files of a run beside the weights: report.json, report.html, training.jsonl, test-scores.jsonl. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreferenceTree } from '@plaudit/feedback';
import type { ModelCard, Score } from '../model.ts';
import type { LearningRecord } from '../report/pictures.ts';
import { type ReportExample, renderReport } from '../report/report.ts';
import type { ValidationDocument } from '../validation/document.ts';

export interface RunFiles {
  readonly document: { readonly test: ValidationDocument };
  readonly card: ModelCard;
  readonly records: readonly LearningRecord[];
  readonly test: readonly PreferenceTree[];
  readonly testScores: readonly (readonly Score[])[];
}

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

const examplesOf = (document: ValidationDocument, test: readonly PreferenceTree[]): ReportExample[] => {
  const trees = new Map(test.map((tree) => [tree.id, tree]));
  return document.worst.flatMap(({ tree: id, winner, loser }) => {
    const tree = trees.get(id);
    return tree === undefined
      ? []
      : [
          {
            tree: id,
            winner,
            loser,
            prompt: tree.prompt,
            chosen: tree.responses[winner]!,
            rejected: tree.responses[loser]!,
          },
        ];
  });
};

/** Rows that `plaudit reward score` reads, with the rewards that this run gave them. */
const testScoreRows = ({ test, testScores }: RunFiles): unknown[] =>
  test.map(({ prompt, responses }, at) => ({
    prompt,
    responses,
    rewards: testScores[at]!.map(({ reward }) => reward),
  }));

export const writeRunFiles = async (folder: string, files: RunFiles): Promise<void> => {
  const { document, card, records, test } = files;
  const page = renderReport({
    card,
    validation: document.test,
    records,
    examples: examplesOf(document.test, test),
  });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(document, null, 2)}\n`);
  await writeFile(join(folder, 'report.html'), page);
  await writeFile(join(folder, 'training.jsonl'), lines(records));
  await writeFile(join(folder, 'test-scores.jsonl'), lines(testScoreRows(files)));
};
