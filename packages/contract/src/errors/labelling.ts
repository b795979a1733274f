/** @file Errors of labelling: tasks, answers, pauses and verdicts. */
import type { ErrorRow } from './error.ts';

export const labellingErrors = {
  'labelling.bad_item': {
    status: 422,
    exit: 'input',
    message: 'Item {item} of the labelling task cannot be used: {problem}.',
    cure: 'Correct that item, or leave it out.',
  },
  'labelling.bad_setting': {
    status: 422,
    exit: 'input',
    message: 'A labelling task cannot be made so: {problem}.',
    cure: 'Change that setting.',
  },
  'labelling.nothing_to_label': {
    status: 422,
    exit: 'input',
    message: 'Nothing that was named has the responses that a task of kind {kind} needs.',
    cure: 'A comparison needs two different responses to one prompt, a ranking three or more, everything else one.',
  },
  'labelling.rubric_needed': {
    status: 422,
    exit: 'input',
    message: 'Ratings, and comparisons by criteria, need a rubric with at least one criterion.',
    cure: 'Name a published rubric, or give one with the task.',
  },
  'labelling.bad_answer': {
    status: 422,
    exit: 'input',
    message: 'The answer does not fit what was shown: {problem}.',
    cure: 'Answer what is on the screen again; a program sends the answer that the kind of the task asks for.',
  },
  'labelling.answered_otherwise': {
    status: 409,
    exit: 'usage',
    message: 'This item has been answered in another way already.',
    cure: 'Undo the first answer, then give another one.',
  },
  'labelling.too_late_to_undo': {
    status: 409,
    exit: 'usage',
    message: 'Only the last {last} answers can be undone.',
    cure: 'Ask a reviewer to decide on this item.',
  },
  'labelling.paused': {
    status: 403,
    exit: 'unavailable',
    message: 'Your labelling is paused since {since}: {reason}.',
    cure: 'Read the guideline and its examples again, and ask a reviewer to let you go on.',
  },
  'labelling.model_failed': {
    status: 503,
    exit: 'unavailable',
    message: 'The live model of this task cannot learn: {problem}.',
    cure: 'Labelling goes on without it. Whoever runs the task looks at its encoder, and at the log of the server.',
  },
  'labelling.own_work': {
    status: 403,
    exit: 'usage',
    message: 'Whoever has judged an item does not decide on it.',
    cure: 'Leave it to another reviewer.',
  },
  'labelling.decided': {
    status: 409,
    exit: 'usage',
    message: 'Another reviewer has decided on this item.',
    cure: 'Go on to the next one.',
  },
} as const satisfies Record<string, ErrorRow>;
