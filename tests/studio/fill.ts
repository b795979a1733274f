/** @file A project with something on every page: simulated judgements, snapshots, runs with curves, models, bundles, an experiment. */
import { type Prompt, Random } from '@plaudit/contract';
import { simulate } from '@plaudit/feedback';
import { type Database, openStore } from '@plaudit/store';

export const filledProject = 'support';

/** Fills the project; whoever asks for it again finds it there. */
export const fill = async ({ database }: { readonly database: Database }): Promise<void> => {
  const store = await openStore(database, { project: filledProject });
  if ((await store.runs.list()).length > 0) return;
  const random = new Random(7, 'fill');
  const { comparisons } = simulate({
    prompts: 60,
    responsesPerPrompt: 4,
    comparisons: 420,
    annotators: { count: 6, noise: 0.4 },
    seed: 7,
  });
  const importAs = (dataset: string, rows: typeof comparisons) =>
    store.judgements.import([{ judgements: rows }], { dataset, source: `${dataset}.jsonl` });
  await importAs('votes', comparisons.slice(0, 360));
  const first = await store.snapshots.create({ datasets: ['votes'] });
  await importAs('votes', comparisons.slice(340));
  const second = await store.snapshots.create({ datasets: ['votes'] }, { parent: first.id });
  await store.tags.set('spring', first.id);
  await store.tags.set('latest', second.id);

  const models: string[] = [];
  for (const [at, name] of ['linear reward', 'probe reward'].entries()) {
    const run = await store.runs.create({
      name,
      kind: 'reward.train',
      config: { kind: name.split(' ')[0], seed: 7 + at, learningRate: 0.01 / (at + 1), epochs: 4 },
      snapshots: [{ id: second.id, purpose: 'train' }],
    });
    await store.runs.start(run.id);
    const values = Array.from({ length: 120 }, (_, step) => [
      {
        name: 'train/loss',
        step,
        value: 0.28 + 0.42 * Math.exp(-step / (25 + 10 * at)) + 0.01 * random.normal(),
      },
      {
        name: 'validation/accuracy',
        step,
        value: 0.74 - 0.2 * Math.exp(-step / 30) + 0.006 * random.normal(),
      },
    ]).flat();
    await store.metrics.log(run.id, values);
    await store.metrics.log(run.id, [{ name: 'test/accuracy', step: 120, value: 0.731 + 0.02 * at }]);
    await store.steps.begin(run.id, 'fit', 0);
    await store.steps.finish(run.id, 'fit', {});
    await store.runs.end(run.id, { state: 'finished' });
    const model = await store.models.register({
      name: 'support reward',
      role: 'reward',
      run: run.id,
      card: {
        kind: name.split(' ')[0],
        metrics: {
          accuracy: { value: 0.731 + 0.02 * at, interval: [0.69, 0.79] },
          brier: 0.19,
          ceiling: 0.84,
        },
        calibration: {
          bins: Array.from({ length: 9 }, (_, i) => ({
            predicted: 0.1 + 0.1 * i,
            observed: Math.min(1, 0.08 + 0.1 * i + 0.03 * random.normal()),
          })),
        },
        segments: ['refunds', 'shipping', 'accounts'].map((segment, i) => ({
          segment,
          accuracy: 0.7 + 0.04 * i,
          pairs: 40 + 11 * i,
        })),
      },
    });
    models.push(model.id);
  }
  const policyRun = await store.runs.create({
    name: 'support policy',
    kind: 'policy.train',
    config: { method: 'ppo' },
  });
  await store.runs.start(policyRun.id);
  await store.metrics.log(
    policyRun.id,
    Array.from({ length: 80 }, (_, step) => {
      const distance = Math.sqrt(step / 8);
      return [
        { name: 'kl', step, value: step / 8 },
        { name: 'reward', step, value: 0.8 * distance + 0.04 * random.normal() },
        { name: 'gold reward', step, value: distance * (0.9 - 0.22 * distance) + 0.04 * random.normal() },
      ];
    }).flat(),
  );
  const policy = await store.models.register({
    name: 'support policy',
    role: 'policy',
    run: policyRun.id,
    card: { kind: 'lora' },
  });

  const bundles: string[] = [];
  for (const rewardModel of models)
    bundles.push(
      (await store.bundles.create({ name: 'support', rewardModel, policy: policy.id, createdBy: 'user:ada' }))
        .id,
    );
  const by = { actor: 'user:ada' };
  await store.deployments.change('live', { ...by, after: 0, bundle: bundles[0]!, reason: 'the first' });
  await store.deployments.change('live', {
    ...by,
    after: 1,
    bundle: bundles[0]!,
    canary: bundles[1]!,
    canaryShare: 0.25,
    reason: 'canary at 25 %',
  });
  await store.experiments.create('Probe against linear', {
    metric: 'win rate',
    arms: ['linear', 'probe'],
    effect: 0.02,
  });
  await store.audit.append({ actor: 'user:ada', action: 'deployment.change', resource: 'deployment:live' });
  await store.audit.append({
    actor: 'user:ada',
    action: 'snapshot.create',
    resource: `snapshot:${second.id}`,
  });

  const prompt = (text: string): Prompt => [{ role: 'user', content: text }];
  const rows = comparisons.slice(0, 30);
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
  await store.labelling.create({ ...task, name: 'Which answer helps more', kind: 'pairwise', settings }, [
    { prompt: long, responses: answers, purpose: 'label', selectedBy: 'uniform', probability: 1 },
    ...items,
  ]);
  const singles = items.map((item) => ({ ...item, responses: item.responses.slice(0, 1) }));
  await store.labelling.create({ ...task, name: 'How good is it', kind: 'rating', settings }, singles);
  await store.labelling.create({ ...task, name: 'Make it better', kind: 'edit', settings }, singles);
};
