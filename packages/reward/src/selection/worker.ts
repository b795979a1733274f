/** @file A thread of a simulation: one trial for each message, its curve as the answer. */
import { parentPort } from 'node:worker_threads';
import { type ErrorCode, PlauditError } from '@plaudit/contract';
import { trial, withAllLabels } from './trial.ts';
import type { TrialAnswer, TrialRequest } from './trials.ts';

const port = parentPort!;

const answerTo = ({ setting, rule, plan }: TrialRequest): TrialAnswer => {
  try {
    return { curve: rule === null ? [withAllLabels(setting)] : [...trial(setting, rule, plan)] };
  } catch (error) {
    // Errors of the table lose their class on the way between threads.
    if (!(error instanceof PlauditError)) throw error;
    return { error: { code: error.code as ErrorCode, parameters: error.parameters } };
  }
};

port.on('message', (request: TrialRequest) => {
  port.postMessage(answerTo(request));
});
