/** @file Which metrics of a policy's run are drawn against each other. */
/** Of a run's metrics: the distance, and what is drawn against it. Runs of other tools name them otherwise. */
export const distances = ['heldOut/kl', 'rollout/kl', 'kl'];
export const rewards: readonly (readonly [string, string])[] = [
  ['heldOut/reward', 'trained reward'],
  ['heldOut/gold', 'gold reward'],
  ['rollout/reward', 'trained reward'],
  ['reward', 'trained reward'],
  ['gold reward', 'gold reward'],
];
/** The names of a run's metrics that the panel can draw; held-out ones where there are such. */
export const drawable = (metrics: readonly string[]): readonly string[] => {
  const distance = distances.find((name) => metrics.includes(name));
  const side = distance?.includes('/') ? `${distance.split('/')[0]}/` : '';
  const found = rewards.flatMap(([name]) =>
    metrics.includes(name) && (side === '' ? !name.includes('/') : name.startsWith(side)) ? [name] : [],
  );
  return distance === undefined || found.length === 0 ? [] : [distance, ...found];
};
