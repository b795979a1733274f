/** @file `plaudit policy generate`: a policy's responses to the prompts of a file. */
import { stat } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import type { GenerateDocument } from '@plaudit/policy';
import { Command } from 'commander';
import {
  atLeastZero,
  namingFlags,
  number,
  positiveWholeNumber,
  required,
  share,
  wholeNumber,
  withBase,
  withPresentation,
} from '../options.ts';
import { writing } from '../output/errors.ts';
import { plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly policy: string;
  readonly prompts: string;
  readonly out?: string;
  readonly samples: number;
  readonly maxNewTokens?: number;
  readonly maxLength?: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly stop?: string[];
  readonly seed: number;
  readonly int8?: boolean;
  readonly overwrite?: boolean;
  readonly provider?: string;
  readonly threads?: number;
  readonly base?: string;
}

const example = `plaudit policy generate --policy my-policy --prompts prompts.jsonl --temperature 0.7

A row holds a prompt (text or chat messages); other columns are not read:
{"prompt": "My watch is dead."}`;

export const policyGenerate = (): Command =>
  withPresentation(
    withBase(
      required(
        required(
          new Command('generate').description('Let a policy answer prompts; every row, in the order given'),
          '--policy <path>',
          'a saved policy, a checkpoint folder, a .gguf file, or hf:ORGANISATION/NAME',
        ),
        '--prompts <file>',
        'rows with a prompt, or a preference file',
      )
        .option('--out <file>', 'write rows of prompt and responses, which reward score reads, to a new file')
        .option('--overwrite', 'replace that file if it is there')
        .option('--samples <count>', 'responses to each prompt', positiveWholeNumber, 1)
        .option('--max-new-tokens <count>', 'of a response', positiveWholeNumber)
        .option('--max-length <tokens>', 'of prompt and response together', positiveWholeNumber)
        .option('--temperature <number>', '0 always takes the likeliest token', atLeastZero, 1)
        .option('--top-k <count>', 'only the likeliest tokens', positiveWholeNumber)
        .option('--top-p <share>', 'only the likeliest tokens with this probability together', share)
        .option('--min-p <share>', 'only tokens with this share of the likeliest one', share)
        .option('--repetition-penalty <number>', 'divides what was said before; 1 for none', number)
        .option('--stop <text...>', 'strings that end a response')
        .option('--seed <number>', 'the same seed gives the same responses', wholeNumber, 0)
        .option('--int8', 'compute with int8 weights: faster, and a little different'),
    ),
    example,
  ).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { generateResponses } = await import('@plaudit/policy');
      const { policy, prompts, out, overwrite = false, ...rest } = options;
      if (out !== undefined && !overwrite && (await stat(out).catch(() => undefined)))
        throw plauditError('output.would_replace', { path: out });
      const document = await namingFlags(() =>
        generateResponses(policy, prompts, { ...rest, signal, onProgress }),
      );
      if (out !== undefined) await writeRows(out, document);
      return { document, text: generatedText(document, out), warnings: document.warnings };
    }),
  );

/** Whole or not at all. */
const writeRows = async (path: string, { results }: GenerateDocument): Promise<void> => {
  const { writeFileAtomic } = await import('@plaudit/models');
  const rows = results.map(
    ({ prompt, responses }) =>
      `${JSON.stringify({ prompt, responses: responses.map(({ text }) => text) })}\n`,
  );
  await writing(path, () => writeFileAtomic(path, rows.join('')));
};

/** Characters of a prompt that are shown. */
const shownPrompt = 100;

const generatedText = (
  { results, tokens, tokensPerSecond }: GenerateDocument,
  out: string | undefined,
): string => {
  const responses = results.reduce((sum, row) => sum + row.responses.length, 0);
  const rows = results.map(({ row, prompt, responses }) => {
    const asked = (prompt.at(-1)?.content ?? '').replaceAll(/\s+/g, ' ');
    const shown = asked.length > shownPrompt ? `${asked.slice(0, shownPrompt)}…` : asked;
    return `row ${row}: ${shown}\n${responses.map(({ text, ended }) => `  → ${text}${ended === 'length' ? ' […]' : ''}\n`).join('')}`;
  });
  const summary = `${plural(responses, 'response')}, ${plural(tokens, 'token')}, ${Math.round(tokensPerSecond)} tokens a second.\n`;
  return out === undefined ? `${rows.join('\n')}\n${summary}` : `Wrote ${out}: ${summary}`;
};
