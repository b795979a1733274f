/** @file A project of which every text that a page can show would run something, if a page ever took it for more than a text. */
import type { Comparison } from '@plaudit/contract';
import { type Database, openStore } from '@plaudit/store';

export const hostileProject = 'hostile';

const run = 'globalThis.broken=1';

/** In the place of a name. */
const name = `<img src=x onerror="${run}"><svg/onload=${run}>"'>`;

/** In the place of a text that may be Markdown, code, formulas or HTML. */
const text = [
  `<script>${run}</script><img src=x onerror="${run}"><svg onload="${run}"></svg><details open ontoggle="${run}">`,
  `<iframe srcdoc="<script>parent.broken=1</script>"></iframe><object data="javascript:${run}"></object>`,
  `<math><mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${run}&gt;"></mglyph></mtext></math>`,
  `<form action="javascript:${run}"><input type=submit autofocus onfocus="${run}"></form><base href="https://evil.example/">`,
  `[a](javascript:${run}) [b](JaVaScRiPt:${run}) [c](data:text/html,<script>${run}</script>) [d](vbscript:x)`,
  `[e](&#106;avascript:${run}) [f](java\tscript:${run}) <javascript:${run}> [g]: javascript:${run}\n[g]`,
  '![h](https://evil.example/track.png) <https://evil.example/?q=1> https://evil.example/linked',
  `$\\href{javascript:${run}}{x}$ $\\url{javascript:${run}}$ $\\htmlData{onclick=${run}}{x}$ $\\htmlId{root}{x}$`,
  '$\\includegraphics{https://evil.example/x.png}$ $\\htmlStyle{position:fixed;inset:0}{x}$ $\\def\\a{\\a\\a}\\a$',
  `\`\`\`html"><img src=x onerror=${run}>\n</code></pre><script>${run}</script>\n\`\`\``,
  `\`\`\`javascript\n\${'</script><script>${run}</script>'}\n\`\`\``,
  '| a | b |\n| - | - |\n| <td onclick=x> | `</td>` |',
  '\u202ereversed\u202c \u0000zero'.replace('\u0000', ''),
].join('\n\n');

const bundleRecord = (document: Record<string, unknown>) =>
  ({ kind: 'evaluation', actor: `user:${name}`, document }) as const;

/** Fills the project; whoever asks for it again finds it there. */
export const fillHostile = async ({ database }: { readonly database: Database }): Promise<void> => {
  const store = await openStore(database, { project: hostileProject });
  if ((await store.runs.list()).length > 0) return;
  const rows = Array.from(
    { length: 30 },
    (_, i): Comparison => ({
      kind: 'comparison',
      prompt: [
        { role: 'system', content: text },
        { role: 'user', content: `${i} ${text}` },
      ],
      responses: [`a ${text}`, `b ${text}`],
      outcome: i % 2 === 0 ? 'a' : 'b',
      ...{ rationale: text },
      provenance: { source: name, row: i + 1, annotator: name },
    }),
  );
  await store.judgements.import([{ judgements: rows }], { dataset: name, source: name });
  const snapshot = (await store.snapshots.create({ datasets: [name] })).id;
  await store.tags.set(name, snapshot);
  const card = {
    kind: name,
    [name]: { [name]: text },
    metrics: { [name]: { value: 0.5, interval: [0.4, 0.6] } },
    segments: [{ segment: name, accuracy: 0.5, pairs: 10 }],
    calibration: { bins: [{ predicted: 0.5, observed: 0.5 }] },
    createdBy: name,
  };
  const made: string[] = [];
  for (const role of ['reward', 'policy'] as const) {
    const { id } = await store.runs.create({
      name,
      kind: role === 'reward' ? 'reward.train' : 'policy.train',
      config: { [name]: text, kind: name },
      snapshots: [{ id: snapshot, purpose: 'train' }],
    });
    await store.runs.start(id);
    await store.runs.setTags(id, { note: text.slice(0, 4000) });
    await store.metrics.log(
      id,
      [0, 1, 2].map((step) => ({ name: `<b onclick=${run}>loss`, step, value: step })),
    );
    await store.steps.begin(id, name, 0);
    await store.steps.fail(id, name, text);
    await store.files.attach(id, [
      { path: `${name.replaceAll('/', '')}.html`, digest: '1'.repeat(64), bytes: 1, mediaType: 'text/html' },
    ]);
    made.push((await store.models.register({ name, role, run: id, card })).id);
    await store.runs.end(id, role === 'reward' ? { state: 'failed', error: text } : { state: 'finished' });
  }
  const [rewardModel, policy] = made as [string, string];
  const bundle = (await store.bundles.create({ name, rewardModel, policy, createdBy: `user:${name}` })).id;
  await store.bundleRecords.add(bundle, bundleRecord({ [name]: text }));
  await store.deployments.change(name, { after: 0, bundle, actor: `user:${name}`, reason: text });
  await store.experiments.create(name, {
    arms: [
      { name, share: 1 },
      { name: 'b', share: 1 },
    ],
    primary: { name, better: 'up', covariate: true },
    ...{ secondary: [], segments: [], alpha: 0.05, units: 5000 },
  });
  await store.incidents.open({
    kind: name,
    severity: 1,
    title: text.slice(0, 400),
    details: { [name]: text },
  });
  const rule = {
    ...{ deployment: name, measure: { of: 'mean reward' }, window: 60, reference: { minutes: 100 } },
    ...{ below: 0, sure: true, for: 0, noData: 'keep', severity: 3, channels: [], repeat: 240 },
  };
  await store.alertRules.create(name, rule, `user:${name}`);
  await store.audit.append({
    actor: `user:${name}`,
    action: name,
    resource: name,
    details: { [name]: text },
  });
  const prompt = await store.prompts.add(rows[0]!.prompt);
  const responses: string[] = [];
  for (const response of [...rows[0]!.responses, `third ${text}`])
    responses.push(await store.prompts.addResponse(prompt, response));
  await store.reviews.open({ prompt, response: responses[0]!, reasons: [name] });
  const rubric = await store.rubrics.publish(name, text, [
    {
      ...{ name, description: text, scale: { least: 0, most: 4 }, weight: 1 },
      examples: [{ title: name, prompt: text, response: text, value: name, because: text }],
    },
  ]);
  const settings = { seed: 1, goldShare: 0, attentionShare: 0, goldBar: 0.7 };
  for (const kind of ['pairwise', 'ranking', 'rating', 'edit', 'steps'] as const)
    await store.labelling.create(
      {
        ...{ name: `${kind} ${name}`, kind, dataset: name, redundancy: 2, annotators: [], settings },
        ...{ createdBy: `user:${name}`, rubric: rubric.id },
      },
      [
        {
          ...{ prompt, purpose: 'label', selectedBy: name, probability: 1 },
          responses: responses.slice(0, kind === 'pairwise' ? 2 : kind === 'ranking' ? 3 : 1),
        },
      ],
    );
};
