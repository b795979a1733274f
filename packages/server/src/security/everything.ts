/** @file Tests: a project with one of everything that an address can name, every text of which holds a word to be found by. */
import type { Comparison } from '@plaudit/contract';
import { promptId, responseId, type Store } from '@plaudit/store';
import { experimentPlan } from '../experiments/plan.ts';
import { alertRule, firstState } from '../monitoring/rule.ts';
import { startingState } from '../roll-out/controller.ts';
import { checkPlan, rollOutPlan } from '../roll-out/plan.ts';

/** What an address names, by the name of its parameter; digests of texts too. */
export type Named = Readonly<Record<string, string>>;

/** @param word Lower-case letters; in every name and text */
export const fillWithEverything = async (store: Store, word: string): Promise<Named> => {
  const now = Date.now();
  const comparison: Comparison = {
    kind: 'comparison',
    prompt: [{ role: 'user', content: `question of ${word}` }],
    responses: [`one answer of ${word}`, `another answer of ${word}`],
    outcome: 'a',
    provenance: { source: `${word}.jsonl`, row: 1, annotator: `annotator of ${word}` },
  };
  const judgement = await store.judgements.add(word, comparison);
  const snapshot = (await store.snapshots.create({ datasets: [word] })).id;
  await store.tags.set(word, snapshot);
  const prompt = promptId(comparison.prompt);
  const responses = comparison.responses.map((text) => responseId(prompt, text));
  const [response] = responses as [string];
  const scale = { least: 0, most: 1 };
  const rubric = await store.rubrics.publish(word, `guideline of ${word}`, [
    { name: word, description: word, scale, weight: 1 },
  ]);
  const annotator = await store.annotators.ensure(`annotator of ${word}`, 'human');
  const run = (await store.runs.create({ name: word, kind: 'reward.train', config: { word } })).id;
  await store.metrics.log(run, [{ name: `loss of ${word}`, step: 0, value: 1 }]);
  await store.files.attach(run, [
    { path: `${word}.txt`, digest: '1'.repeat(64), bytes: 1, mediaType: 'text/plain' },
  ]);
  const model = (await store.models.register({ name: word, role: 'reward', run, card: { word } })).id;
  const bundle = (await store.bundles.create({ name: word, rewardModel: model, createdBy: 'user:x' })).id;
  await store.bundleRecords.add(bundle, { kind: 'evaluation', actor: 'user:x', document: { word } });
  await store.deployments.change(word, { after: 0, bundle, actor: 'user:x', reason: `because of ${word}` });
  const plan = experimentPlan.parse({ arms: [{ name: 'a' }, { name: 'b' }], primary: { name: word } });
  const experiment = (await store.experiments.create(word, plan)).id;
  const incident = (await store.incidents.open({ kind: 'drift', severity: 1, title: `title of ${word}` })).id;
  const impression = await store.impressions.log({
    ...{ prompt, response, position: 0, surface: word, couldAnswer: true, subject: word },
  });
  const task = await store.labelling.create(
    {
      ...{ name: word, kind: 'rating', rubric: rubric.id, dataset: word, redundancy: 1 },
      ...{ settings: { seed: 1, goldShare: 0, attentionShare: 0, goldBar: 0.7 } },
      ...{ annotators: [annotator.id], createdBy: 'user:x' },
    },
    [{ prompt, responses: [response], purpose: 'label', selectedBy: word }],
  );
  const claim = { open: 1, purposeOf: () => 'label' as const, orderOf: () => [0], lease: 3600 };
  const [showing] = await store.labelling.claim({ ...claim, task, annotator: annotator.id });
  const rollOut = await store.rollOuts.start({
    ...{ deployment: word, canary: bundle, plan: checkPlan(rollOutPlan.parse({})), actor: 'user:x' },
    state: startingState(now),
  });
  const rule = await store.alertRules.create(
    word,
    alertRule.parse({ deployment: word, measure: { of: 'mean reward' }, below: 0, noData: 'keep' }),
    'user:x',
  );
  await store.alertRules.remember(rule.id, firstState(now));
  const review = await store.reviews.open({ prompt, response, reasons: [word] });
  await store.audit.append({ actor: 'user:x', action: word, resource: word });
  return {
    ...{ judgement, snapshot, run, model, bundle, experiment, incident, task, review, impression },
    ...{ prompt, response, rubric: rubric.id, rollOut: rollOut.id, rule: rule.id },
    ...{ item: showing!.item, assignment: showing!.id, dataset: word, tag: word, deployment: word },
    path: `${word}.txt`,
  };
};
