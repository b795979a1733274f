/** @file Tests: what a quickstart remembers over any end, and what it never touches. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing.ts';
import { openRecord } from './record.ts';
import { quickstartOf, type Step } from './step.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const given = { seed: 1, small: true, fresh: false };

it('knows after any end what it kept, and for how long it has worked', async () => {
  let time = 0;
  const now = (): number => time;
  const first = await openRecord(at('goes-on'), { ...given, now });
  time = 5000;
  await first.keep('models', { id: 'a', left: undefined });
  // Nothing is closed: the process might have been killed here.
  const second = await openRecord(at('goes-on'), { ...given, now });
  time = 7000;
  expect(second.read('models')).toEqual({ id: 'a' });
  expect(second.read('policies')).toBeUndefined();
  expect(second.seconds()).toBe(7);
});

it('refuses a folder of somebody else, even to begin anew', async () => {
  await mkdir(at('thesis'));
  await writeFile(at('thesis/chapter.txt'), 'one');
  for (const fresh of [false, true])
    await expect(openRecord(at('thesis'), { ...given, fresh })).rejects.toMatchObject({
      code: 'output.exists',
    });
  expect(await readdir(at('thesis'))).toEqual(['chapter.txt']);
});

it('refuses to mix two seeds or sizes, and says how to go on', async () => {
  await openRecord(at('seeded'), given);
  for (const other of [{ seed: 2 }, { small: false }])
    await expect(openRecord(at('seeded'), { ...given, ...other })).rejects.toMatchObject({
      code: 'cli.usage',
      message: expect.stringContaining('--seed 1 --small'),
    });
});

it('begins anew when asked, and on what another version left', async () => {
  for (const [name, fresh] of [
    ['asked', true],
    ['older', false],
  ] as const) {
    await mkdir(at(name));
    await writeFile(at(`${name}/quickstart.json`), '{"out":"x"}');
    await writeFile(at(`${name}/votes.jsonl`), '');
    const record = await openRecord(at(name), { ...given, fresh });
    expect(record.read('models')).toBeUndefined();
    expect(await readdir(at(name))).toEqual(['quickstart.json']);
    expect(JSON.parse(await readFile(at(`${name}/quickstart.json`), 'utf8'))).toMatchObject({
      seed: 1,
      facts: {},
    });
  }
});

it('does the parts of a step once, and gives later steps what earlier ones found', async () => {
  const out = at('parts');
  const quick = async () => {
    const record = await openRecord(out, given);
    const shared = { project: 'p', seed: 1, sizes: {} as never, signal: new AbortController().signal };
    const none = { onProgress: () => {}, as: () => ({}) as never };
    return { record, quick: quickstartOf({ ...shared, ...none, out, record }) };
  };
  let made = 0;
  const work = async (): Promise<number> => ++made;
  expect(await (await quick()).quick.once('bundle', work)).toBe(1);
  const again = await quick();
  expect(await again.quick.once('bundle', work)).toBe(1);

  const step: Step<number> = { name: 's', title: '', work: async () => ({ found: 3, text: '' }) };
  expect(() => again.quick.found(step)).toThrow(RangeError);
  await again.record.keep('step s', await step.work(again.quick));
  expect(again.quick.found(step)).toBe(3);
});
