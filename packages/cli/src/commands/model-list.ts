/** @file `plaudit model list`: models, bundles of them, and what serves. */
import type { Bundle, Deployment, Model } from '@plaudit/store';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { withPresentation } from '../options.ts';
import { aligned, percent } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { named } from '../registry.ts';

interface Options extends PresentationOptions, StoreOptions {}

interface ListDocument {
  readonly models: readonly Model[];
  readonly bundles: readonly Bundle[];
  readonly deployments: readonly Deployment[];
}

export const modelList = (): Command =>
  withPresentation(
    withStore(new Command('list').description('Show models, bundles and what serves')),
    'plaudit model list',
  ).action((options: Options) =>
    present(options, async () => {
      const document = await useStore(
        options,
        false,
        async (store): Promise<ListDocument> => ({
          models: await store.models.list(),
          bundles: await store.bundles.list(),
          deployments: await store.deployments.list(),
        }),
      );
      return { document, text: listText(document) };
    }),
  );

const listText = ({ models, bundles, deployments }: ListDocument): string => {
  if (models.length === 0) return 'No model is here yet.\nNext: plaudit model add FOLDER --name NAME\n';
  const nameOf = (all: readonly (Model | Bundle)[], id: string | null): string | undefined => {
    const found = all.find((one) => one.id === id);
    return found && named(found);
  };
  const parts = [
    `Models, the newest first:\n${aligned(models.map((model) => [named(model), modelText(model)]))}`,
  ];
  if (bundles.length > 0) {
    const rows = bundles.map((bundle): [string, string] => {
      const policy = nameOf(models, bundle.policy);
      return [
        named(bundle),
        `${bundle.state}, reward ${nameOf(models, bundle.rewardModel) ?? 'older'}${policy === undefined ? '' : `, policy ${policy}`}`,
      ];
    });
    parts.push(`Bundles:\n${aligned(rows)}`);
  }
  if (deployments.length > 0) {
    const rows = deployments.map((of): [string, string] => [
      of.name,
      servingText(of, (id) => nameOf(bundles, id)),
    ]);
    parts.push(`Deployments:\n${aligned(rows)}`);
  }
  return parts.join('');
};

const modelText = ({ role, card }: Model): string => {
  const { kind, method, test } = card as {
    readonly kind?: unknown;
    readonly method?: unknown;
    readonly test?: { readonly accuracy?: unknown };
  };
  const accuracy = test?.accuracy;
  return [
    role,
    ...[kind, method].filter((word) => typeof word === 'string' && word !== role),
    ...(typeof accuracy === 'number' ? [`${percent(accuracy)} of unseen comparisons`] : []),
  ].join(', ');
};

const servingText = (
  { bundle, canary, canaryShare, shadow, revision }: Deployment,
  nameOf: (id: string | null) => string | undefined,
): string =>
  [
    bundle === null ? 'nothing' : (nameOf(bundle) ?? 'an older bundle'),
    ...(canary === null ? [] : [`canary ${nameOf(canary)} at ${percent(canaryShare)}`]),
    ...(shadow === null ? [] : [`shadow ${nameOf(shadow)}`]),
    `revision ${revision}`,
  ].join(', ');
