/** @file The addresses of the studio: every page, and what is chosen on it, can be linked to. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { Home } from './pages/home.tsx';
import { Join, SignIn } from './pages/sign-in.tsx';
import { Shell } from './shell/shell.tsx';
import { Empty, Failed } from './shell/states.tsx';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => <Empty title="There is no such page">Choose a section, or go back.</Empty>,
});
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: ({ to }: Record<string, unknown>): { to?: string } => {
    const path = text(to);
    return path === undefined ? {} : { to: path };
  },
});
const join = createRoute({ getParentRoute: () => root, path: '/join', component: Join });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });
const home = createRoute({ getParentRoute: () => shell, path: '/', component: Home });
const project = createRoute({ getParentRoute: () => shell, path: '/p/$project', component: Outlet });

const page = <Path extends string>(
  path: Path,
  load: Parameters<typeof lazyRouteComponent>[0],
  name: string,
) => createRoute({ getParentRoute: () => project, path, component: lazyRouteComponent(load as never, name) });

const pages = [
  page('label', () => import('./label/tasks.tsx'), 'Tasks'),
  page('label/new', () => import('./label/new-task/new-task.tsx'), 'NewTask'),
  page('label/$task', () => import('./label/session-page.tsx'), 'SessionPage'),
  page('label/$task/live', () => import('./label/live-page.tsx'), 'LivePage'),
  page('label/$task/disputes', () => import('./label/disputes.tsx'), 'Disputes'),
  page('data', () => import('./pages/data.tsx'), 'Data'),
  page('data/$snapshot', () => import('./pages/snapshot.tsx'), 'SnapshotPage'),
  page('runs', () => import('./pages/runs.tsx'), 'Runs'),
  page('runs/$run', () => import('./pages/run.tsx'), 'RunPage'),
  page('models', () => import('./pages/models.tsx'), 'Models'),
  page('models/$model', () => import('./pages/model.tsx'), 'ModelPage'),
  page('policies', () => import('./pages/policies.tsx'), 'Policies'),
  page('roll-outs', () => import('./pages/roll-outs.tsx'), 'RollOuts'),
  page('roll-outs/$rollOut', () => import('./pages/roll-out.tsx'), 'RollOutPage'),
  page('roll-outs/bundles/new', () => import('./pages/new-bundle.tsx'), 'NewBundle'),
  page('roll-outs/bundles/$bundle', () => import('./pages/bundle.tsx'), 'BundlePage'),
  page('monitoring', () => import('./pages/monitoring.tsx'), 'Monitoring'),
  page('experiments', () => import('./pages/experiments.tsx'), 'Experiments'),
  page('experiments/$experiment', () => import('./pages/experiment.tsx'), 'ExperimentPage'),
  page('audit', () => import('./pages/audit.tsx'), 'Audit'),
  page('settings', () => import('./pages/settings.tsx'), 'Settings'),
];

export const router = createRouter({
  routeTree: root.addChildren([signIn, join, shell.addChildren([home, project.addChildren(pages)])]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} again={reset} />,
});
