/** @file The thread that looks for personal data, from outside. */
import { type AskedThread, askedThread } from '../serving/asked-thread.ts';
import type { ScrubResult, ScrubTask } from './scrub-protocol.ts';

/** Where it fails, the text is not to be stored as it is. */
export type Scrubber = AskedThread<ScrubTask, ScrubResult>;

export const openScrubber = (): Scrubber =>
  askedThread(new URL('./scrub-thread-main', import.meta.url), 'that looks for personal data');
