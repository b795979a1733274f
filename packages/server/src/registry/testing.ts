/** @file Bundles for tests: models whose scores are a function of the text, in a store. */
import { plauditError } from '@plaudit/contract';
import type { Bundle, Store } from '@plaudit/store';
import type { ProjectSettings } from '../accounts/project-settings.ts';
import { recordEvaluation } from './bundle-life.ts';
import { type GoldenItem, recordGolden } from './golden.ts';
import type { OpenBundle } from './open-bundle.ts';
import type { RegistryServices } from './promotion.ts';

/** Scores by the length of the text, moved by what the model's card says; `broken` ones cannot be loaded. */
export const openByCard: OpenBundle = async (store, bundle) => {
  const { card } = await store.models.get(bundle.rewardModel);
  if (card.broken) throw plauditError('reward.card_corrupt', { path: 'x', problem: 'it is made so' });
  const shift = Number(card.shift ?? 0);
  return {
    formattingDigest: String(card.template ?? 'plain'),
    score: async (items) => items.map(({ responses }) => responses.map((text) => text.length * (1 + shift))),
    close: async () => undefined,
  };
};

export const registryServices = (
  settings: ProjectSettings = {},
): RegistryServices & { readonly announced: string[] } => {
  const announced: string[] = [];
  return {
    openBundle: openByCard,
    settings: async () => settings,
    changed: async (_, deployment) => void announced.push(deployment),
    announced,
  };
};

/** Stored prompts with two responses each. */
export const storedItems = async (store: Store, count = 6): Promise<readonly GoldenItem[]> => {
  const items: GoldenItem[] = [];
  for (let i = 0; i < count; i++) {
    const prompt = await store.prompts.add([{ role: 'user', content: `question ${i}` }]);
    const texts = [`short ${i}`, `a longer answer ${'and more '.repeat(i)}`];
    const responses: string[] = [];
    for (const text of texts) responses.push(await store.prompts.addResponse(prompt, text));
    items.push({ prompt, responses });
  }
  return items;
};

/** A bundle that has passed its evaluation. */
export const evaluatedBundle = async (
  store: Store,
  name: string,
  card: Readonly<Record<string, unknown>> = {},
): Promise<Bundle> => {
  const model = await store.models.register({ name: `${name} rm`, role: 'reward', card });
  const bundle = await store.bundles.create({ name, rewardModel: model.id, createdBy: 'user:ada' });
  const opened = await openByCard(store, bundle);
  await recordGolden(store, bundle, opened, await storedItems(store), 'user:ada');
  await recordEvaluation(store, bundle, 'user:ada', { accuracy: 0.81 });
  return store.bundles.get(bundle.id);
};
