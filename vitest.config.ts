/** @file Vitest over every package: the TypeScript sources are tested, never a stale build. */
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

// Each test file, engine thread and command is a start of Node: with compiled code kept, a third less time in all.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('node_modules/.cache/plaudit-tests', import.meta.url),
);

/**
 * Tests that kill processes again and again, train for longer or drive a browser: `npm run test:all` runs them too. Without
 * them `npm test` stays under eight minutes on two cores.
 */
const long = [
  'packages/cli/src/{built,killed,policy-killed,quickstart,selection,transformer}.test.ts',
  'packages/feedback/src/snapshot/killed.test.ts',
  'packages/policy/src/run/learns.test.ts',
  'packages/reward/src/selection/simulation.test.ts',
  'packages/server/src/whole.test.ts',
  'packages/server/src/runs/{jobs,policy-job,distillation-run}.test.ts',
  'packages/server/src/security/hostile-requests.test.ts',
  'packages/store/src/killed.test.ts',
  'tests/faults/*.test.ts',
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
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
