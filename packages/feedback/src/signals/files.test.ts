import { writeFile } from 'node:fs/promises';
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { hostileJson } from '../readers/fuzz/hostile.ts';
import { temporaryFiles } from '../readers/testing.ts';
import { readSignalLog } from './read-log.ts';
import { defaultSignalRules, readSignalRules } from './rules.ts';
import { did, shown } from './testing.ts';

const { path: pathOf, file } = temporaryFiles();
const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('a log of signals', () => {
  it('is read with what cannot be used set aside by row and reason', async () => {
    const { impressions, events, rejects, rows } = await readSignalLog(
      await file(
        lines([
          did('i', { signal: 'copy' }),
          { ...shown('i'), prompt: 'p' },
          shown('i'),
          shown('j', { probability: 0 }),
          { ...shown('k'), responses: [] },
          { ...shown('k'), prompt: undefined },
          did('nowhere', { signal: 'copy' }),
          did('i', { signal: 'copy' }, 10, 1),
          did('i', { signal: 'copy' }, -10),
          { ...did('i', { signal: 'copy' }), signal: 'stare' },
          { ...did('i', { signal: 'thumb', up: true }), up: 'yes' },
          { type: 'other' },
          7,
        ]),
      ),
    );
    expect(impressions).toEqual([shown('i')]);
    expect(events).toEqual([did('i', { signal: 'copy' })]);
    expect(rejects.map(({ row, field, reason }) => [row, field, reason])).toEqual([
      [3, 'id', 'repeated_impression'],
      [4, 'probability', 'bad_field'],
      [5, 'responses', 'bad_field'],
      [6, 'prompt', 'missing_prompt'],
      [10, 'signal', 'bad_field'],
      [11, 'up', 'bad_field'],
      [12, 'type', 'bad_field'],
      [13, undefined, 'not_an_object'],
      [7, 'impression', 'unknown_impression'],
      [8, 'response', 'bad_field'],
      [9, 'time', 'before_impression'],
    ]);
    expect(impressions.length + events.length + rejects.length).toBe(rows);
  });

  it('accounts for every hostile row', async () => {
    const random = new Random(1);
    const good = [shown('i', { segments: { task: 'code' } }), did('i', { signal: 'edit', text: 'y' })];
    const rows = Array.from({ length: 600 }, (_, i) => `${hostileJson(good[i % 2]!, random)}\n`);
    const read = await readSignalLog(await file(lines(good) + rows.join('')));
    expect(read.rows).toBe(602);
    expect(read.impressions.length + read.events.length + read.rejects.length).toBe(602);
    expect(read.events.length).toBeGreaterThan(50);
  });
});

describe('a file of rules', () => {
  const rules = async (change: object): Promise<string> => {
    const path = pathOf('rules.json');
    await writeFile(path, JSON.stringify({ ...defaultSignalRules, ...change }));
    return path;
  };

  it('is read as it was written', async () => {
    expect(await readSignalRules(await rules({}))).toEqual(defaultSignalRules);
  });

  const [thumb] = defaultSignalRules.rules;
  it.each([
    ['an unknown field', { shout: true }, 'the file'],
    [
      'a signal that cannot be made into a comparison',
      { rules: [{ ...thumb, gives: 'comparison' }] },
      'rules.0.gives',
    ],
    ['a weight above 1', { rules: [{ ...thumb, weight: 2 }] }, 'rules.0.weight'],
    ['two rules of one name', { rules: [thumb, thumb] }, 'rules'],
    ['a clip of 0', { propensity: { ...defaultSignalRules.propensity, clip: 0 } }, 'propensity.clip'],
  ])('is refused for %s, with the field', async (_, change, field) => {
    await expect(readSignalRules(await rules(change))).rejects.toMatchObject({
      code: 'data.bad_rules',
      parameters: { field },
    });
  });

  it('is refused when it is not JSON or not there', async () => {
    await writeFile(pathOf('broken.json'), '{');
    await expect(readSignalRules(pathOf('broken.json'))).rejects.toMatchObject({ code: 'data.bad_rules' });
    await expect(readSignalRules(pathOf('nowhere.json'))).rejects.toMatchObject({
      code: 'data.file_missing',
    });
  });
});
