/** @file A project with something on every page: simulated judgements, snapshots, runs with curves, models, bundles, an experiment. */
import type { Prompt } from '@plaudit/contract';
import { simulate } from '@plaudit/feedback';
import type { Server } from '@plaudit/server';
import { openStore } from '@plaudit/store';
import { fillLabels, labelled } from './fill-labels.ts';
import { recordBundle, recordPolicy, trainReward } from './fill-models.ts';
import { fillServed } from './fill-served.ts';

export const filledProject = 'support';

/** Fills the project; whoever asks for it again finds it there. */
export const fill = async (services: Server['services']): Promise<void> => {
  const { database } = services;
  const store = await openStore(database, { project: filledProject });
  if ((await store.runs.list()).length > 0) return;
  const { comparisons } = simulate({
    prompts: 160,
    responsesPerPrompt: 4,
    comparisons: 640,
    annotators: { count: 6, noise: 0.4 },
    seed: 7,
  });
  const importAs = (dataset: string, rows: typeof comparisons) =>
    store.judgements.import([{ judgements: rows }], { dataset, source: `${dataset}.jsonl` });
  await importAs('votes', comparisons.slice(0, 560));
  const first = await store.snapshots.create({ datasets: ['votes'] });
  await importAs('votes', comparisons.slice(540));
  const second = await store.snapshots.create({ datasets: ['votes'] }, { parent: first.id });
  await store.tags.set('spring', first.id);
  await store.tags.set('latest', second.id);

  const trained = (seed: number, l2: readonly number[]) =>
    trainReward(services, store, second.id, { name: 'support reward', seed, l2 });
  const models = [await trained(7, [1]), await trained(8, [30])] as const;
  const policy = await recordPolicy(services, store, second.id, models[0], comparisons);
  const made = { policy, snapshot: second.id };
  const bundles = [
    await recordBundle(store, { ...made, rewardModel: models[0] }, 'production'),
    await recordBundle(store, { ...made, rewardModel: models[1] }, 'canary'),
  ] as const;
  await fillServed({ database, project: filledProject, comparisons, bundles });
  await store.audit.append({ actor: 'user:ada', action: 'deployment.change', resource: 'deployment:live' });
  await store.audit.append({
    actor: 'user:ada',
    action: 'snapshot.create',
    resource: `snapshot:${second.id}`,
  });

  const prompt = (text: string): Prompt => [{ role: 'user', content: text }];
  const rows = comparisons.slice(0, 80);
  const items = await Promise.all(
    rows.map(async (row) => {
      const id = await store.prompts.add(row.prompt);
      const responses: string[] = [];
      for (const text of row.responses) responses.push(await store.prompts.addResponse(id, text));
      return { prompt: id, responses, purpose: 'label' as const, selectedBy: 'uniform', probability: 1 };
    }),
  );
  const long = await store.prompts.add(
    prompt('Write a function that adds the numbers from 1 to $n$, and say how fast it is.'),
  );
  const texts = [
    'Use the closed form $\\frac{n(n+1)}{2}$:\n\n```js\n// constant time\nconst sum = (n) => (n * (n + 1)) / 2;\n```\n\nIt takes the same time for every $n$.',
    'Add them one by one:\n\n```js\nconst sum = (n) => {\n  let total = 0;\n  for (let i = 1; i <= n; i++) total += i;\n  return total;\n};\n```\n\nIt takes time in proportion to $n$.',
  ];
  const answers: string[] = [];
  for (const text of texts) answers.push(await store.prompts.addResponse(long, text));
  const scale = { least: 0, most: 4 };
  const rubric = await store.rubrics.publish(
    'helpfulness',
    'Read the prompt **twice**. Prefer what is *right* over what is long.',
    [
      {
        name: 'correctness',
        description: 'Is what it says true?',
        scale,
        weight: 1,
        examples: [
          { response: '`9` is prime.', value: 0, because: '9 = 3 · 3' },
          { response: '`7` is prime.', value: 4, because: 'Nothing but 1 and 7 divides it.' },
        ],
      },
      { name: 'brevity', description: 'Are there needless words?', scale, weight: 1 },
    ],
  );
  const task = { dataset: 'labels', redundancy: 2, annotators: [], createdBy: 'user:ada', rubric: rubric.id };
  const settings = { seed: 1, goldShare: 0, attentionShare: 0, goldBar: 0.7 };
  const half = { ...task, name: 'Which answer helps more', kind: 'pairwise' as const, settings };
  const halfDone = await store.labelling.create(half, [
    ...items.slice(0, labelled),
    { prompt: long, responses: answers, purpose: 'label', selectedBy: 'uniform', probability: 1 },
    ...items.slice(labelled),
  ]);
  await fillLabels(store, halfDone, rows);
  const singles = items.slice(0, 30).map((item) => ({ ...item, responses: item.responses.slice(0, 1) }));
  await store.labelling.create({ ...task, name: 'How good is it', kind: 'rating', settings }, singles);
  await store.labelling.create({ ...task, name: 'Make it better', kind: 'edit', settings }, singles);
};
