/** @file Options that several commands share, and how their texts become values. */
import { PlauditError, plauditError } from '@plaudit/contract';
import { type Command, InvalidArgumentError } from 'commander';

export const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It has to be a number.');
  return value;
};

export const wholeNumber = (text: string): number => {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It has to be a whole number of at least 0.');
  return value;
};

export const positiveWholeNumber = (text: string): number => {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It has to be a whole number of at least 1.');
  return value;
};

export const share = (text: string): number => {
  const value = number(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError('It has to be between 0 and 1.');
  return value;
};

export const atLeastZero = (text: string): number => {
  const value = number(text);
  if (value < 0) throw new InvalidArgumentError('It has to be at least 0.');
  return value;
};

const items = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export const list = (text: string): string[] => {
  const found = items(text);
  if (found.length === 0) throw new InvalidArgumentError('It has to name at least one, separated by commas.');
  return found;
};

export const numberList = (text: string): number[] => list(text).map(number);

/**
 * An option that has to be given. Checked after unknown options, unlike commander's own, so that a misspelt one is named
 * as what it is.
 */
export const required = (command: Command, flags: string, description: string): Command => {
  command.option(flags, `${description} (required)`);
  const option = command.options.at(-1)!;
  return command.hook('preAction', () => {
    if (command.getOptionValue(option.attributeName()) === undefined)
      throw plauditError('cli.usage', { problem: `The option ${flags} is required.` });
  });
};

/** --json and --quiet, and an example under the help. */
export const withPresentation = (command: Command, example: string): Command =>
  command
    .option('--json', 'print exactly one JSON document on stdout; errors are one on stderr')
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', `\nExample:\n${example.replace(/^/gm, '  ')}\n`);

/** Written out, because help must not wait for the readers; a test compares it with them. */
export const formatDescription =
  'auto, or one of plaudit, hh, llama-factory, trl, trl-unpaired, trl-stepwise, autoj, pandalm, alpacaeval, oasst, unieval, ultrafeedback, ratings, gsm8k-solutions, big-bench-mistake, arena, openrlhf, tldr-judged, prometheus, qags, popquorn, le-wi-di, mqm, listening-scores, image-reward';

/** --data and --format. */
export const withData = (command: Command): Command =>
  required(
    command,
    '--data <file...>',
    'preference files, folders of them or patterns; all of one format',
  ).option('--format <name>', formatDescription, 'auto');

/** --provider and --threads. */
export const withEngine = (command: Command): Command =>
  command
    .option('--provider <name>', 'where a transformer computes: cpu, webgpu, cuda, coreml or dml')
    .option('--threads <count>', 'processor threads of a transformer', positiveWholeNumber);

/** The same and --base, for models that are saved. */
export const withBase = (command: Command): Command =>
  withEngine(command).option('--base <path>', "where an adapter's base lies now, if it was moved");

/** Settings whose option is the other way round. */
const negated: Readonly<Record<string, string>> = { whitenAdvantages: 'noWhitenAdvantages' };

const flagOf = (setting: string): string =>
  `--${(negated[setting] ?? setting)
    .replace(/^fractions\./, '')
    .replace(/\.\d+$/, '')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const named = ['reward.bad_configuration', 'policy.bad_configuration'] as const;

/** Names the option in place of the setting behind it, for people who typed the option. */
export const namingFlags = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof PlauditError && named.find((one) => one === error.code);
    if (!code) throw error;
    const { parameters } = error as PlauditError;
    throw plauditError(code, { ...parameters, setting: flagOf(String(parameters.setting)) }, error);
  }
};
