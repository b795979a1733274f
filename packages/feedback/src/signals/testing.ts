/** @file Logs of signals for tests: impressions and events with the fields that a test is about. */
import type { Impression, SignalEvent } from './log.ts';

const second = (seconds: number): string => new Date(1000 * seconds).toISOString();

/** An impression at second 0 of 1970 that answers `p` with `x`. */
export const shown = (id: string, fields: Partial<Impression> = {}): Impression => ({
  type: 'impression',
  id,
  time: second(0),
  user: 'u',
  surface: 'chat',
  policy: 'm@1',
  prompt: [{ role: 'user', content: 'p' }],
  responses: ['x'],
  ...fields,
});

type Signalled = SignalEvent extends infer One
  ? One extends SignalEvent
    ? Omit<One, 'type' | 'impression' | 'time' | 'response'>
    : never
  : never;

/** What was done with an impression, some seconds later. */
export const did = (impression: string, what: Signalled, seconds = 10, response = 0): SignalEvent =>
  ({ type: 'event', impression, time: second(seconds), response, ...what }) as SignalEvent;
