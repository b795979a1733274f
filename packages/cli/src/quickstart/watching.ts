/** @file Steps: traffic of another topic sets off an alert, and an experiment says which policy customers are content with. */
import { hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { plauditError, Random } from '@plaudit/contract';
import { goldReward } from '@plaudit/feedback';
import { percent, plural } from '../output/text.ts';
import { freshQuestions, isContent, travelQuestions } from './customers.ts';
import { deployStep } from './deploying.ts';
import { answersOf, ppoStep, sftStep } from './models.ts';
import { importFile, type Quickstart, type Step } from './step.ts';
import { deployment, send } from './traffic.ts';

interface Alerted {
  readonly rule: string;
  readonly requests: number;
  /** How well a classifier tells the prompts of now from those of the first day: 0.5 is not at all. */
  readonly auc: number | null;
  readonly incident: string;
}

/** How well prompts of two times may be told apart: of the same topic it was between 0.45 and 0.6. */
const alertAbove = 0.7;
const ruleName = 'Customers ask about something else';
const mostWaves = 30;
const customersOfWave = 60;

export const driftStep: Step<Alerted> = {
  name: 'drift',
  title: 'Customers of a travel agency come to the same desk: an alert rule notices.',
  async work(quick) {
    const { project } = quick;
    const engineer = quick.as('engineer');
    const { from, to } = quick.found(deployStep);
    const rule = await quick.once('alert rule', async () => {
      const { rules } = await engineer.call('listAlertRules', { params: { project } });
      const known = rules.find(({ name }) => name === ruleName);
      if (known) return known.id;
      const { id } = await engineer.call('createAlertRule', {
        params: { project },
        body: {
          name: ruleName,
          rule: {
            ...{ deployment, measure: { of: 'prompt auc' }, above: alertAbove, severity: 3 },
            ...{ reference: { from, to }, window: 1, noData: 'keep' },
          },
        },
      });
      return id;
    });
    let requests = 0;
    const questions = travelQuestions(quick, customersOfWave * mostWaves);
    for (let wave = 0; wave < mostWaves; wave++) {
      const { rules } = await engineer.call('listAlertRules', { params: { project } });
      const { state } = rules.find(({ id }) => id === rule)!;
      if (state.incident !== null)
        return {
          found: { rule, requests, auc: state.value, incident: state.incident },
          text: `After ${plural(requests, 'request')} it fired: a classifier tells the new prompts from the first ones with an area under
its curve of ${state.value?.toFixed(2) ?? '?'}, where 0.50 would be no difference. An incident is open.`,
        };
      quick.onProgress({ phase: 'travellers', step: requests, totalSteps: 0 });
      const sent = questions.slice(wave * customersOfWave, (wave + 1) * customersOfWave);
      requests += (await send(quick, sent, `travel-${wave}`, 'all')).requests;
    }
    throw plauditError('cli.quickstart_failed', { problem: 'the alert rule did not notice the new topic' });
  },
};

interface Compared {
  readonly experiment: string;
  readonly customers: number;
  readonly content: { readonly sft: number | null; readonly ppo: number | null };
  readonly verdict: string;
  readonly winRate: number | null;
}

const experimentName = 'Steered against supervised';
/** The data set of what people say who see both answers. */
const duels = 'duels';
/** Of each pair of answers: as many people look at it. */
const votesOfDuel = 2;

export const experimentStep: Step<Compared> = {
  name: 'experiment',
  title:
    'Compare the two policies in an experiment: half of the customers each, and people who see both answers.',
  async work(quick) {
    const { project, sizes } = quick;
    const questions = freshQuestions(quick);
    const answers = await quick.once('experiment answers', async () => ({
      sft: await answersOf(quick, quick.found(sftStep).folder),
      ppo: await answersOf(quick, quick.found(ppoStep).folder),
    }));
    const desk = quick.as('support desk');
    const experiment = await quick.once('experiment', async () => {
      const { experiments } = await desk.call('listExperiments', { params: { project } });
      const known = experiments.find(({ name }) => name === experimentName);
      if (known) return known.id;
      const { id } = await desk.call('createExperiment', {
        params: { project },
        body: {
          name: experimentName,
          plan: {
            arms: [{ name: 'sft' }, { name: 'ppo', deployment }],
            primary: { name: 'content' },
            secondary: [{ name: 'length', better: 'down', covariate: false }],
            ...{ segments: ['channel'], units: Math.max(100, sizes.customers), duels: { dataset: duels } },
          },
        },
      });
      return id;
    });
    const params = { project, experiment };
    const { state } = await desk.call('getExperiment', { params });
    if (state === 'draft') await desk.call('startExperiment', { params });
    if (state !== 'stopped') {
      await serveCustomers(quick, experiment, questions, answers);
      await judgeDuels(quick, questions, answers);
      const costs = { sft: { labels: 0, compute: 1 }, ppo: { labels: 0, compute: 3 } };
      const reason = 'every customer has been served';
      await desk.call('stopExperiment', { params, body: { reason, costs } });
    }
    const report = await desk.call('reportExperiment', { params, body: {} });
    const mean = (arm: string): number | null =>
      report.arms.find((one) => one.arm === arm)?.means.content?.mean ?? null;
    const [primary] = report.primary;
    const [duel] = report.duels;
    const found: Compared = {
      ...{ experiment, customers: sizes.customers, content: { sft: mean('sft'), ppo: mean('ppo') } },
      verdict: primary?.enough ? primary.verdict : 'too few customers',
      winRate: duel?.result.enough ? duel.result.winRate.winRate : null,
    };
    return { found, text: experimentText(found) };
  },
};

const experimentText = ({ customers, content, verdict, winRate }: Compared): string => {
  const share = (of: number | null): string => (of === null ? '?' : percent(of));
  const verdicts: Readonly<Record<string, string>> = {
    better: 'the difference is beyond chance',
    worse: 'and it is worse beyond chance',
    open: 'which may still be chance, and the experiment says so',
  };
  return `Of ${plural(customers, 'customer')} ${share(content.sft)} were content with the supervised policy and ${share(content.ppo)} with the steered one:
${verdicts[verdict] ?? verdict}.${winRate === null ? '' : ` Side by side the steered one wins ${percent(winRate)}.`}`;
};

interface Answers {
  readonly sft: readonly string[];
  readonly ppo: readonly string[];
}

/** Each customer is assigned an arm, reads its answer, and says whether it helped. */
const serveCustomers = async (
  quick: Quickstart,
  experiment: string,
  questions: readonly string[],
  answers: Answers,
): Promise<void> => {
  const { project, sizes } = quick;
  const params = { project, experiment };
  for (let i = 0; i < sizes.customers; i++) {
    const random = new Random(quick.seed, `customer ${i}`);
    // How often this customer was content before: what makes the interval narrower.
    const patience = random.normal();
    const at = i % questions.length;
    const desk = quick.as(i % 2 === 0 ? 'support desk' : 'engineer');
    const { arm } = await desk.call('assignUnit', {
      params,
      body: {
        unit: `customer-${i}`,
        covariate: patience,
        segments: { channel: i % 3 === 0 ? 'mail' : 'chat' },
      },
    });
    const answer = answers[arm as keyof Answers][at]!;
    const content = isContent(questions[at]!, answer, random) || patience > 1.5 ? 1 : 0;
    await desk.call('recordOutcome', {
      params,
      body: { unit: `customer-${i}`, outcomes: { content, length: answer.length } },
    });
    quick.onProgress({ phase: 'customers', step: i + 1, totalSteps: sizes.customers });
    if (i % 20 === 0) quick.signal.throwIfAborted();
  }
};

/** People see both answers to a question, in a random order and without names, and say which is better. */
const judgeDuels = async (
  quick: Quickstart,
  questions: readonly string[],
  answers: Answers,
): Promise<void> => {
  const random = new Random(quick.seed, 'duels');
  const noisy = (question: string, answer: string): number =>
    goldReward(question, answer) + 0.5 * random.normal();
  const different = questions.flatMap((question, i) =>
    answers.sft[i] === answers.ppo[i] ? [] : [{ question, i }],
  );
  const rows = different.flatMap(({ question, i }) =>
    Array.from({ length: votesOfDuel }, (_, vote) => {
      const arms = random.uniform() < 0.5 ? (['sft', 'ppo'] as const) : (['ppo', 'sft'] as const);
      const responses = arms.map((arm) => answers[arm][i]!);
      const [a, b] = responses.map((answer) => noisy(question, answer)) as [number, number];
      return {
        kind: 'comparison',
        prompt: [{ role: 'user', content: question }],
        responses,
        outcome: a > b ? 'a' : 'b',
        provenance: {
          ...{
            source: 'duels',
            annotator: `judge-${hash('sha256', `${i} ${vote}`).slice(0, 1)}`,
            annotatorKind: 'simulated',
          },
          ...{ shownFirst: 0, segments: { armA: arms[0], armB: arms[1] } },
        },
      };
    }),
  );
  const params = { project: quick.project };
  const { datasets } = await quick.as('engineer').call('listDatasets', { params });
  if (!datasets.some(({ name }) => name === duels))
    await quick.as('engineer').call('createDataset', { params, body: { name: duels } });
  // Two policies that always say the same have nothing to be compared by.
  if (rows.length === 0) return;
  await writeFile(quick.at('duels.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await importFile(quick, duels, 'duels.jsonl');
};
