import { setTimeout as wait } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { watchEventLoop } from './event-loop.ts';

it('tells by how much the thread of HTTP came too late, of the last seconds only', async () => {
  const registry = new Registry();
  const end = watchEventLoop(registry, 60);
  const longest = async (): Promise<number> => {
    const [, value] = /quantile="1"\} ([\d.e-]+)/.exec(await registry.metrics()) ?? [];
    return Number(value);
  };
  await wait(80);
  const blockedUntil = performance.now() + 300;
  while (performance.now() < blockedUntil);
  await expect.poll(longest, { interval: 1 }).toBeGreaterThan(0.25);
  await expect.poll(longest, { timeout: 5000 }).toBeLessThan(0.2);
  end();
});
