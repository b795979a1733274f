import { describe, expect, it } from 'vitest';
import { checkQuality, gateMemory } from './check-quality.ts';
import { qualityReport } from './document.ts';
import { gateNames } from './gate-names.ts';
import { gates } from './gates.ts';
import { comparison, times } from './testing.ts';

const judgements = times(400, (i) =>
  comparison(
    `Question ${i}: what is ${i * 7919} and where does it come from?`,
    [`It is the number ${i * 31}, as everybody knows.`, `Nobody can say what ${i * 17} may be.`],
    i % 2 === 0 ? 'a' : 'b',
    { annotator: `person ${i % 7}`, shownFirst: (i >> 1) % 2 === 0 ? 0 : 1 },
  ),
);

describe('checkQuality', () => {
  it('gives one result for every gate, in a document that its own schema accepts', async () => {
    const report = await checkQuality(judgements);
    expect(report.gates.map(({ name }) => name)).toEqual([...gateNames]);
    expect(qualityReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report).toMatchObject({ judgements: 400, kinds: { comparison: 400 }, sources: ['made'] });
    for (const { reason, fix } of report.gates) {
      expect(reason).toMatch(/^[A-Z0-9].*\.$/s);
      expect(fix).toMatch(/^[A-Z].*\.$/s);
      expect(`${reason}${fix}`).not.toMatch(/undefined|NaN|\bnull\b/);
    }
  });

  it('says the same of a stream as of a list', async () => {
    const batches = async function* () {
      for (let at = 0; at < judgements.length; at += 64) yield { judgements: judgements.slice(at, at + 64) };
    };
    expect(await checkQuality(batches())).toEqual(await checkQuality(judgements));
  });

  it('says of every gate that it does not apply, and not that all is well, where there are no judgements', async () => {
    const report = await checkQuality([]);
    expect(
      report.gates.filter(({ verdict }) => verdict !== 'not_applicable').map(({ name }) => name),
    ).toEqual(['size']);
    expect(report.verdict).toBe('fail');
  });

  it('stops training for the required gates that fail and for no others', async () => {
    const empty = times(30, (i) => comparison(`Question ${i}?`, ['', `Answer ${i}.`], 'a'));
    const report = await checkQuality([...judgements, ...empty]);
    expect(report.blocking).toEqual(['empty-texts']);
    expect((await checkQuality([...judgements, ...empty], { required: ['privacy'] })).blocking).toEqual([]);
  });

  it('names the required gates of which nothing is known', async () => {
    const report = await checkQuality(judgements, { required: ['leakage', 'size'] });
    expect(report.unchecked).toEqual(['leakage']);
  });

  it('leaves a gate out that is switched off, and says so', async () => {
    const report = await checkQuality(judgements, { gates: { privacy: false } });
    expect(report.gates.find(({ name }) => name === 'privacy')).toMatchObject({
      verdict: 'not_applicable',
      reason: 'This gate was left out.',
    });
  });

  it('takes other thresholds', async () => {
    const strict = await checkQuality(judgements, { gates: { size: { fail: { least: 500 } } } });
    expect(strict.gates[0]).toMatchObject({
      verdict: 'fail',
      threshold: { warn: { least: 300 }, fail: { least: 500 } },
    });
    const never = await checkQuality(judgements.slice(0, 5), { gates: { size: { warn: null, fail: null } } });
    expect(never.gates[0]!.verdict).toBe('pass');
  });

  it.each([
    [{ gates: { lenght: {} } }, 'lenght'],
    [{ gates: { size: { most: 3 } } }, 'most'],
    [{ gates: { size: { warn: { most: 'ten' } } } }, 'gates.size.warn.most'],
    [{ gates: { 'length-bias': true } }, 'gates.length-bias'],
    [{ required: ['speed'] }, 'required.0'],
    [{ gates: { fairness: { least: 0 } } }, 'gates.fairness.least'],
  ])('refuses %j before it looks at a row', async (options, named) => {
    let looked = false;
    const rows = (function* () {
      looked = true;
      yield judgements[0]!;
    })();
    const refusal = checkQuality(rows, options as never);
    await expect(refusal).rejects.toMatchObject({ code: 'data.bad_option' });
    await expect(refusal).rejects.toThrow(named);
    expect(looked).toBe(false);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const endless = (function* () {
      for (let i = 0; ; i++) {
        if (i === 2500) stop.abort();
        yield judgements[i % judgements.length]!;
      }
    })();
    await expect(checkQuality(endless, { signal: stop.signal, gates: { privacy: false } })).rejects.toThrow(
      /abort/i,
    );
  });

  it('never shows a text of the data in its report', async () => {
    const secret = 'xyzzy-secret';
    const telling = times(40, (i) =>
      comparison(
        `${secret} ${i % 3}, call +49 170 1234567`,
        [`${secret} fuck`, `${secret} *${i}*`],
        i % 2 ? 'a' : 'b',
      ),
    );
    expect(JSON.stringify(await checkQuality(telling))).not.toContain(secret);
  });

  it('says what the memory of each gate grows with', () => {
    expect(Object.keys(gateMemory)).toEqual(gates.map(({ name }) => name));
    expect(gateMemory).toMatchObject({ 'length-bias': 'nothing', 'duplicate-rows': 'rows' });
  });
});
