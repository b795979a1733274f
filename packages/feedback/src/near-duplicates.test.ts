import { describe, expect, it } from 'vitest';
import { clusterPrompts } from './near-duplicates.ts';

describe('clusterPrompts', () => {
  it('takes a conversation of 100,000 turns in seconds', () => {
    const turns = Array.from({ length: 100_000 }, (_, i) => ({
      role: i % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: `turn ${i}`,
    }));
    const started = performance.now();
    expect([...clusterPrompts([turns, turns.slice(0, 50_001), turns.slice(1)])]).toEqual([0, 0, 0]);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('tells a beginning from another role, another cut and another order of turns', () => {
    const user = (content: string) => ({ role: 'user' as const, content });
    const assistant = (content: string) => ({ role: 'assistant' as const, content });
    const prompts = [
      [user('alpha'), assistant('beta'), user('gamma')],
      [user('alpha')],
      [assistant('alpha'), user('quite another matter')],
      [user('alphabeta')],
      [user('beta'), assistant('alpha')],
    ];
    const numbers = clusterPrompts(prompts, { threshold: 1 });
    expect([...numbers]).toEqual([0, 0, 1, 2, 3]);
  });
});
