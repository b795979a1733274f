/** @file Traffic: customers whose drafted answers are scored by what is deployed, and who say whether they were content. */
import { randomUUID } from 'node:crypto';
import { plauditError, Random } from '@plaudit/contract';
import { isContent, type Question } from './customers.ts';
import type { Quickstart } from './step.ts';

export const deployment = 'live';

/** Requests that are under way at once, and a second at most: what is observed is not sampled then. */
const atOnce = 4;
const perSecond = 120;
/** Of the customers, who say what they think. */
const answering = 0.2;

interface Sent {
  readonly requests: number;
  readonly thumbs: number;
}

interface Answered {
  readonly question: Question;
  readonly user: string;
  readonly shown: string;
}

/**
 * Sends a question of each customer, shows the draft with the highest score, and passes on what customers say about it.
 *
 * @param wave Tells customers of one call from those of another
 * @param logged Of whom it is put on record what they were shown: of all, or of those who say something about it
 */
export const send = async (
  quick: Quickstart,
  questions: readonly Question[],
  wave: string,
  logged: 'all' | 'outspoken',
): Promise<Sent> => {
  await serving(quick);
  const desk = quick.as('support desk');
  const answered: Answered[] = [];
  let next = 0;
  const customer = async (): Promise<void> => {
    for (;;) {
      const at = next++;
      const question = questions[at];
      if (!question) return;
      const began = performance.now();
      const user = `${wave}-${at}`;
      const { data } = await desk.call('score', {
        body: {
          ...{ model: deployment, user, truncation: 'left' },
          items: [{ prompt: question.text, responses: question.answers, segments: question.segments }],
        },
      });
      const { scores } = data[0]!;
      // Without a score nothing is shown.
      if (scores) {
        const best = scores.reduce((one, other) => (other.score > one.score ? other : one));
        answered.push({ question, user, shown: question.answers[best.index]! });
      }
      await quick.wait(Math.max(0, (1000 * atOnce) / perSecond - (performance.now() - began)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, customer));
  return { requests: questions.length, thumbs: await opinions(quick, answered, wave, logged) };
};

/** Waits until the deployment serves: a server that was just started loads its models first. */
const serving = async (quick: Quickstart): Promise<void> => {
  for (let look = 0; look < 600; look++) {
    const { data } = await quick.as('support desk').call('listDeployed', {});
    if (data.some(({ name }) => name === deployment)) return;
    await quick.wait(200);
  }
  throw plauditError('cli.quickstart_failed', { problem: 'what is deployed cannot be loaded' });
};

/** What customers were shown, and what some of them think of it. @returns How many said something */
const opinions = async (
  quick: Quickstart,
  answered: readonly Answered[],
  wave: string,
  logged: 'all' | 'outspoken',
): Promise<number> => {
  const random = new Random(quick.seed, `opinions ${wave}`);
  const seen = answered
    .map(({ question, user, shown }) => ({
      ...{ id: randomUUID(), user, shown, prompt: question.text },
      ...{ says: random.uniform() < answering, up: isContent(question.text, shown, random) },
    }))
    .filter(({ says }) => says || logged === 'all');
  if (seen.length === 0) return 0;
  const { signals } = await quick.as('support desk').call('giveFeedback', {
    body: {
      impressions: seen.map(({ id, user, prompt, shown }) => ({
        ...{ ids: [id], prompt, responses: [shown], surface: 'support chat', user },
      })),
      signals: seen.flatMap(({ id, says, up }) => (says ? [{ impression: id, signal: 'thumb', up }] : [])),
    },
  });
  return signals.filter(({ status }) => status === 'ok').length;
};
