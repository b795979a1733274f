/** @file The sections of the studio, in the order of the loop. */
export const sections = [
  { path: 'label', title: 'Label', about: 'Judge responses', forAnnotators: true },
  { path: 'data', title: 'Data', about: 'Datasets, gates, snapshots', forAnnotators: false },
  { path: 'runs', title: 'Runs', about: 'Training and evaluation', forAnnotators: false },
  { path: 'models', title: 'Models', about: 'Cards and reports', forAnnotators: false },
  { path: 'policies', title: 'Policies', about: 'Over-optimisation, samples', forAnnotators: false },
  { path: 'roll-outs', title: 'Roll-outs', about: 'Canary and rollback', forAnnotators: false },
  { path: 'monitoring', title: 'Monitoring', about: 'Drift and alerts', forAnnotators: false },
  { path: 'experiments', title: 'Experiments', about: 'A/B comparisons', forAnnotators: false },
  { path: 'audit', title: 'Audit', about: 'Who did what', forAnnotators: false },
  { path: 'settings', title: 'Settings', about: 'Members, keys, account', forAnnotators: true },
] as const;
