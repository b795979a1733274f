/** @file POST /v1/best-of-n: the best of given responses, or of n that the deployed policy writes, that may leave. */
import type { z } from 'zod';
import type { Call } from '../http/route.ts';
import { onlyItem, scorerOf, scoresDocument, workItem } from './answer.ts';
import type { ScoringAnswer, ScoringRequest } from './ask-arm.ts';
import { unitOfPrompt } from './deployment.ts';
import type { WrittenResponse } from './policy-protocol.ts';
import { ranked } from './rank.ts';
import { type bestOfNAnswer, type bestOfNBody, samplingOf } from './rank-documents.ts';
import type { ServingServices } from './services.ts';
import { keptBack, type Writer, writerFor, writeWith } from './written.ts';

type Asked = Call<undefined, undefined, z.output<typeof bestOfNBody>>;
type Answer = z.input<typeof bestOfNAnswer>;
type Candidate = Pick<WrittenResponse, 'text'> & Partial<WrittenResponse>;

interface Scored {
  readonly answer: ScoringAnswer;
  readonly candidates: readonly Candidate[];
}

const askedOf = ({ body, signal }: Asked): Omit<ScoringRequest, 'items'> => ({
  ...{ mode: body.mode, latencyBudget: body.latency_budget_ms, unit: body.user, signal },
});

const itemOf = ({ prompt, segments, truncation }: Asked['body'], responses: readonly string[]) =>
  workItem({ prompt, responses, ...(segments && { segments }) }, truncation);

const scoreGiven = async (
  { scoring }: ServingServices,
  call: Asked,
  responses: readonly string[],
): Promise<Scored> => {
  const { body, store } = call;
  const items = [itemOf(body, responses)];
  const answer = await scoring.score(store.project.id, { ...askedOf(call), model: body.model, items });
  return { answer, candidates: responses.map((text) => ({ text })) };
};

const writeAndScore = async (services: ServingServices, call: Asked, writer: Writer): Promise<Scored> => {
  const { body, store, signal } = call;
  const job = { prompt: body.prompt, samples: body.n ?? 4, sampling: samplingOf(body) };
  const { responses } = await writeWith(services, store.project.id, writer, job, {
    ...{ unit: body.user, began: performance.now(), signal },
  });
  const texts = responses.map(({ text }) => text);
  const asked = { ...askedOf(call), items: [itemOf(body, texts)], keepsBack: true };
  return { answer: await writer.taken.score(asked), candidates: responses };
};

/** The policy of the deployment that is named, or of the only one. @throws PlauditError serving.no_policy */
const writerOf = (services: ServingServices, { body, store }: Asked): Writer => {
  const project = store.project.id;
  const { name } = services.scoring.find(project, body.model);
  return writerFor(services, project, name, body.user ?? unitOfPrompt(body.prompt));
};

/** @throws PlauditError of writing and scoring; serving.no_policy */
export const bestOfN = async (
  services: ServingServices,
  call: Asked,
  describe: (answer: ScoringAnswer) => Omit<Answer, keyof ReturnType<typeof scorerOf> | OwnFields>,
): Promise<Answer> => {
  const { body, store } = call;
  const writer = body.responses ? null : writerOf(services, call);
  try {
    const { answer, candidates } = writer
      ? await writeAndScore(services, call, writer)
      : await scoreGiven(services, call, body.responses!);
    const item = onlyItem(answer);
    // A policy can write nothing at all; what is empty is a response too.
    const responses = candidates.map(({ text }) => text);
    const back = writer
      ? await keptBack(store, writer.taken, { prompt: body.prompt, responses }, item.verdicts)
      : [];
    const all = ranked(scoresDocument(item), item.version.card).map((score) => {
      const { text, ended, logProbability } = candidates[score.index]!;
      const withheld = back[score.index];
      return {
        ...score,
        response: withheld ? null : text,
        ...(ended && { ended }),
        ...(logProbability !== undefined && { log_probability: logProbability }),
        ...(withheld && { finish_reason: 'content_filter' as const }),
        ...(withheld?.review !== undefined && { review: withheld.review }),
      };
    });
    const best = all.find(({ guard }) => guard === undefined || guard.action === 'allow');
    const n = all.length;
    return {
      ...describe(answer),
      ...scorerOf(item),
      object: 'best_of_n' as const,
      n,
      policy_version: writer?.policy.served.version ?? null,
      best: best ? { ...best, response: candidates[best.index]!.text } : null,
      refusal: best ? null : (back[all[0]!.index]?.message ?? null),
      candidates: all,
      // Beirami et al. 2024, Theoretical guarantees on the best-of-n alignment policy: an upper bound.
      kl_bound: Math.log(n) - (n - 1) / n,
    };
  } finally {
    writer?.taken.end();
  }
};

type OwnFields = 'object' | 'n' | 'policy_version' | 'best' | 'refusal' | 'candidates' | 'kl_bound';
