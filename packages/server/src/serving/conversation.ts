/** @file How requests say what is to be scored: a prompt with its responses, as text or as chat messages. */
import { type Message, message, type Prompt } from '@plaudit/contract';
import { z } from 'zod';

/** Bytes of a body with conversations: parsing, checking and hashing so many took 30 ms, and nobody else is answered meanwhile. */
export const servingBodyLimit = 2 * 2 ** 20;
/** Prompts of one request, and responses to one prompt. */
export const mostItems = 512;
export const mostResponses = 256;

const wellFormed = z.string().refine((text) => text.isWellFormed(), 'it holds half a character');
const turn = z.strictObject({ role: message.shape.role, content: wellFormed });
const responseText = wellFormed.min(1);

export const promptText = z
  .union([wellFormed.min(1), z.array(turn).min(1)])
  .describe('A text, which is one turn of a user, or chat messages');

/** A text as the one turn of a user. */
export const promptOf = (given: string | readonly Message[]): Prompt =>
  typeof given === 'string' ? [{ role: 'user', content: given }] : [...given];

const stepsOf = z.strictObject({
  response: z.number().int().nonnegative().default(0).describe('Which response, from 0'),
  steps: z.array(wellFormed).min(1),
  separator: wellFormed.default('\n'),
});

/** The fields that say what one item is. */
export const conversationFields = {
  id: z.string().min(1).max(200).optional().describe('Comes back with the answer'),
  prompt: promptText.optional(),
  response: responseText.optional(),
  responses: z.array(responseText).min(1).max(mostResponses).optional(),
  messages: z
    .array(turn)
    .min(2)
    .optional()
    .describe(
      'In place of prompt and response: a conversation whose last message, of the assistant, is the response',
    ),
  steps: z.array(stepsOf).optional().describe('The steps of some responses; joined they are the response'),
  segments: z.record(z.string(), wellFormed).optional().describe('Segment name to value, such as a domain'),
};
const fields = z.strictObject(conversationFields);
type ConversationFields = z.output<typeof fields>;

export interface Conversation {
  readonly id?: string;
  readonly prompt: Prompt;
  readonly responses: readonly string[];
  readonly steps?: NonNullable<ConversationFields['steps']>;
  readonly segments?: Readonly<Record<string, string>>;
}

const bodyOf = ({
  prompt,
  response,
  responses,
  messages,
}: ConversationFields): string | Omit<Conversation, 'id'> => {
  if (messages) {
    if (prompt !== undefined || response !== undefined || responses)
      return 'give messages, or a prompt with responses, and not both';
    const last = messages.at(-1)!;
    if (last.role !== 'assistant' || last.content === '')
      return 'the last message has to be the assistant’s, with a text';
    return { prompt: messages.slice(0, -1), responses: [last.content] };
  }
  if (prompt === undefined) return 'a prompt, or messages, are missing';
  if ((response === undefined) === (responses === undefined))
    return 'give one response or a list of responses';
  return { prompt: promptOf(prompt), responses: responses ?? [response!] };
};

/** What an item says, or what is wrong with it, in words that repeat nothing of it. */
export const conversationOf = (given: ConversationFields): Conversation | string => {
  const body = bodyOf(given);
  if (typeof body === 'string') return body;
  const { id, steps = [], segments } = given;
  for (const { response, steps: own, separator } of steps)
    if (body.responses[response] === undefined || own.join(separator) !== body.responses[response])
      return 'the steps of a response, joined with their separator, have to be that response';
  return {
    ...body,
    ...(id !== undefined && { id }),
    ...(steps.length > 0 && { steps }),
    ...(segments && { segments }),
  };
};

/** An item of a request. */
export const conversationItem = fields.transform((given, context) => {
  const conversation = conversationOf(given);
  if (typeof conversation !== 'string') return conversation;
  context.addIssue({ code: 'custom', message: conversation });
  return z.NEVER;
});
