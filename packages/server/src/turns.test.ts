import { expect, it } from 'vitest';
import { turns } from './turns.ts';

it('lets others have their turn within long work', async () => {
  let looks = 0;
  const look = setInterval(() => looks++, 1);
  const others = turns();
  for (let i = 0; i < 100; i++) {
    const until = performance.now() + 2;
    while (performance.now() < until);
    await others();
  }
  clearInterval(look);
  expect(looks).toBeGreaterThan(10);
});
