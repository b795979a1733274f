/** @file Prompts as conversations: one string is one user turn. */
import type { Message, Prompt } from '@plaudit/contract';

/**
 * A prompt from a plain string (one user turn) or from chat messages (returned as given).
 *
 * @example toPrompt('What is a heat pump?') // [{ role: 'user', content: 'What is a heat pump?' }]
 */
export const toPrompt = (prompt: string | readonly Message[]): Prompt =>
  typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : [...prompt];
