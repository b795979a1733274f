/** @file `plaudit model promote`: a bundle gets all of a deployment's traffic, or a share that grows while it holds. */
import { plauditError } from '@plaudit/contract';
import { Command } from 'commander';
import { atLeastZero, numberList, positiveWholeNumber, required, withPresentation } from '../options.ts';
import { percent } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { findBundle, named, type RegistryOptions, useRegistry, withRegistry } from '../registry.ts';

interface Options extends PresentationOptions, RegistryOptions {
  readonly deployment: string;
  readonly reason?: string;
  readonly canary?: boolean;
  readonly shadow?: boolean;
  readonly steps?: number[];
  readonly minutes?: number;
  readonly units?: number;
}

export const modelPromote = (): Command =>
  withPresentation(
    withRegistry(
      required(
        new Command('promote')
          .description('Let a bundle serve, after every gate: at once, as a canary or as a shadow')
          .argument('<bundle>', 'NAME@VERSION, or NAME for the newest'),
        '--deployment <name>',
        'under which it serves',
      )
        .option('--reason <text>', 'kept with the change')
        .option('--canary', 'a share first, which a running server raises while nothing gets worse')
        .option('--steps <shares>', 'of a canary, rising, to 1; default 0.01,0.05,0.1,0.25,0.5,1', numberList)
        .option('--minutes <count>', 'that a step lasts at least; default 60', atLeastZero)
        .option(
          '--units <count>',
          'that the canary answers at a step at least; default 200',
          positiveWholeNumber,
        )
        .option('--shadow', 'score all traffic unseen'),
    ),
    `plaudit model promote support@1 --deployment live
plaudit model promote support@2 --deployment live --canary`,
  ).action((reference: string, options: Options) =>
    present(options, () =>
      useRegistry(options, false, async ({ store, registry }) => {
        const { deployment, canary = false, shadow = false, steps, minutes, units } = options;
        const plan = {
          ...(steps && { steps }),
          ...(minutes !== undefined && { minutes }),
          ...(units !== undefined && { units }),
        };
        if (canary && shadow)
          throw plauditError('cli.usage', { problem: 'It is a canary or a shadow, not both.' });
        if (!canary && Object.keys(plan).length > 0)
          throw plauditError('cli.usage', { problem: '--steps, --minutes and --units belong to --canary.' });
        const bundle = await findBundle(store, reference);
        const to = { deployment, reason: options.reason ?? `plaudit model promote ${named(bundle)}` };
        if (canary) {
          const document = await registry.startCanary(bundle, to, checked(plan));
          const share = (document.plan as { readonly steps: readonly number[] }).steps[0]!;
          return {
            document,
            text: `${named(bundle)} gets ${percent(share)} of ${deployment}; a running server raises that while it holds, and takes it back where it does not.\n`,
          };
        }
        const document = shadow ? await registry.startShadow(bundle, to) : await registry.promote(bundle, to);
        return {
          document,
          text: `${named(bundle)} ${shadow ? 'is a shadow of' : 'serves'} ${deployment} (revision ${document.revision}). A running server takes it up within seconds.\n`,
        };
      }),
    ),
  );

/** @throws cli.usage for shares that are none; what they are together is the roll-out's to refuse */
const checked = (plan: { readonly steps?: readonly number[] }): object => {
  if (plan.steps?.some((share) => share <= 0 || share > 1))
    throw plauditError('cli.usage', { problem: '--steps: shares are larger than 0 and at most 1.' });
  return plan;
};
