/** @file Vitest over every package: the TypeScript sources are tested, never a stale build. */
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Each test file, engine thread and command is a start of Node: with compiled code kept, a third less time in all.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('node_modules/.cache/plaudit-tests', import.meta.url),
);

/** The commands of all documents run one after the other: begun last, they would run alone for a minute. */
class DocumentsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      moduleId.endsWith('/documents.test.ts') ? 0 : 1;
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/**
 * Tests that kill processes again and again, train for longer, attack every route, drive a browser or read much of the real data:
 * `npm run test:all` runs them too. Without them `npm test` stays under eight minutes on two cores.
 */
const long = [
  'packages/cli/src/{built,killed,policy-killed,quickstart,registry,selection,store,transformer}.test.ts',
  'packages/feedback/src/{annotators,gates,readers}/real-{data,files}.test.ts',
  'packages/feedback/src/snapshot/killed.test.ts',
  'packages/policy/src/run/{continue,learns,resume}.test.ts',
  'packages/reward/src/selection/simulation.test.ts',
  'packages/server/src/serving/serve-deployments.test.ts',
  'packages/server/src/whole.test.ts',
  'packages/server/src/runs/{jobs,policy-job,distillation-run}.test.ts',
  'packages/server/src/security/{hostile-requests,paths,project-border}.test.ts',
  'packages/store/src/killed.test.ts',
  'packages/store/src/postgres/embedded-server.test.ts',
  'tests/faults/*.test.ts',
  'tests/hub.test.ts',
  'tests/studio/*.test.ts',
];
const exclude = [...configDefaults.exclude, ...(process.env.PLAUDIT_TEST_ALL ? [] : long)];

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    projects: [
      // Files of these packages share a process with others: nothing in them is left changed by a test, and loading what
      // they import took a quarter of the time.
      {
        extends: true,
        test: {
          name: 'library',
          isolate: false,
          exclude,
          include: ['packages/{contract,engine,models,feedback,reward,policy}/src/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'product',
          exclude,
          include: [
            'packages/{store,server,sdk,cli}/src/**/*.test.ts',
            'apps/studio/src/**/*.test.ts',
            'tests/**/*.test.ts',
          ],
        },
      },
    ],
    execArgv: ['--conditions=source'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: DocumentsFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
