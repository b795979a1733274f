/** @file Chat templates: a conversation to the text that a model was trained to continue. */
import { type Message, PlauditError, plauditError } from '@plaudit/contract';
import {
  type AnalysedTemplate,
  analyseTemplate,
  BudgetExceeded,
  BudgetedInterpreter,
} from './interpreter.ts';
import { Environment, parseTemplate } from './jinja.ts';

/**
 * The format where a checkpoint has no template: the role on a line of its own, then the text, then an empty line.
 * Written in Jinja, so that it is saved with the model and other tools format alike.
 */
export const defaultChatTemplate =
  "{% for message in messages %}{{ message['role'] | capitalize }}:{{ '\\n' + message['content'] + '\\n\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'Assistant:\\n' }}{% endif %}";

/**
 * The same for bidirectional models, where the prompt is one segment of its own: the text alone if the conversation is
 * one user turn, else turns with their roles.
 */
export const defaultSegmentTemplate =
  "{% if messages | length == 1 and messages[0]['role'] == 'user' %}{{ messages[0]['content'] }}{% else %}" +
  "{% for message in messages %}{{ message['role'] | capitalize + ': ' + message['content'] }}" +
  "{% if not loop.last %}{{ '\\n' }}{% endif %}{% endfor %}{% endif %}";

/** Meta's Llama 3 templates fall back to this day where no clock is given, so it stands for today here. */
export const frozenDate = '2024-07-26';

/** The longest that we know has 30,000 characters. */
const maxTemplateLength = 100_000;
/** The lexer of jinja takes quadratic time over a run of white space. */
const maxWhitespaceRun = 2000;

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Python's strftime in English for a day at midnight UTC, whatever the machine's clock, zone and language. */
const strftime = (day: Date, format: string): string => {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = months[day.getUTCMonth()]!;
  const weekday = days[day.getUTCDay()]!;
  const date = day.getUTCDate();
  const values: Record<string, string> = {
    Y: String(day.getUTCFullYear()),
    y: two(day.getUTCFullYear() % 100),
    m: two(day.getUTCMonth() + 1),
    d: two(date),
    B: month,
    b: month.slice(0, 3),
    A: weekday,
    a: weekday.slice(0, 3),
    H: '00',
    M: '00',
    S: '00',
    I: '12',
    p: 'AM',
    j: String(Math.floor((day.getTime() - Date.UTC(day.getUTCFullYear(), 0, 0)) / 86_400_000)).padStart(
      3,
      '0',
    ),
    '%': '%',
  };
  return String(format).replace(/%([-#]?)([A-Za-z%])/g, (whole, unpadded: string, letter: string) => {
    const value = values[letter];
    return value === undefined ? whole : unpadded ? value.replace(/^0+(?=\d)/, '') : value;
  });
};

/** Python's range, without the lists that fill the memory. */
const range = (start: number, stop?: number, step = 1): number[] => {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!Number.isFinite(length)) throw new Error('range() needs numbers and a step that is not zero');
  if (length > 100_000) throw new BudgetExceeded('100000 elements of a range');
  return Array.from({ length }, (_, i) => from + i * step);
};

class Refusal extends Error {}

export interface TemplateOptions {
  /** ISO day that `strftime_now` gives; `frozenDate` unless said otherwise. */
  readonly date?: string;
  /** Variables such as `bos_token` and `eos_token`. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What an error of jinja may tell: it names types and variables, not texts; cut in case it does. */
const describe = (cause: unknown): string => {
  if (cause instanceof RangeError) return 'it nests too deeply or makes too long a text.';
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);
};

/**
 * A parsed template. Rendering is bounded in steps and in size (see interpreter.ts), knows no clock, and can reach
 * nothing but its arguments.
 */
export class ChatTemplate {
  readonly source: string;
  readonly date: string;
  private readonly template: AnalysedTemplate;
  private readonly variables: Readonly<Record<string, string>>;

  /** @throws PlauditError `model.template_invalid`, `model.template_limit` */
  constructor(source: string, options: TemplateOptions = {}) {
    this.source = source;
    this.date = options.date ?? frozenDate;
    this.variables = options.variables ?? {};
    if (!/^\d{4}-\d\d-\d\d$/.test(this.date) || Number.isNaN(Date.parse(this.date)))
      throw plauditError('model.template_invalid', { problem: `${this.date.slice(0, 20)} is not a day.` });
    if (source.length > maxTemplateLength)
      throw plauditError('model.template_limit', { limit: `${maxTemplateLength} characters` });
    if (new RegExp(`\\s{${maxWhitespaceRun}}`).test(source))
      throw plauditError('model.template_limit', { limit: `${maxWhitespaceRun} spaces in a row` });
    try {
      this.template = analyseTemplate(parseTemplate(source), source.length);
    } catch (cause) {
      throw plauditError('model.template_invalid', { problem: describe(cause) }, cause);
    }
  }

  /**
   * @param addGenerationPrompt whether the text ends with the beginning of the assistant's turn
   * @throws PlauditError `model.template_refused` where the template itself raises, `model.template_limit`,
   *   `model.template_invalid`
   */
  render(messages: readonly Message[], addGenerationPrompt: boolean): string {
    const scope = new Environment();
    const globals: Record<string, unknown> = {
      ...this.variables,
      messages,
      add_generation_prompt: addGenerationPrompt,
      tools: null,
      documents: null,
      true: true,
      false: false,
      none: null,
      True: true,
      False: false,
      None: null,
      range,
      strftime_now: (format: string) => strftime(new Date(`${this.date}T00:00:00Z`), format),
      raise_exception: (text: unknown) => {
        throw new Refusal(String(text).slice(0, 200));
      },
    };
    for (const [name, value] of Object.entries(globals)) scope.set(name, value);
    const input = messages.reduce((sum, { content }) => sum + content.length, 100 * messages.length);
    const budget = { steps: 2_000_000 + 4 * input, size: 8_000_000 + 8 * input };
    try {
      const result: unknown = new BudgetedInterpreter(this.template, scope, budget).run(
        this.template.program,
      ).value;
      return String(result);
    } catch (cause) {
      if (cause instanceof PlauditError) throw cause;
      if (cause instanceof BudgetExceeded)
        throw plauditError('model.template_limit', { limit: cause.limit }, cause);
      if (cause instanceof Refusal)
        throw plauditError('model.template_refused', { problem: cause.message }, cause);
      throw plauditError('model.template_invalid', { problem: describe(cause) }, cause);
    }
  }
}
