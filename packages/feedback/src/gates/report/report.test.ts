import { describe, expect, it } from 'vitest';
import { checkQuality } from '../check-quality.ts';
import { comparison, times } from '../testing.ts';
import { renderQualityReport } from './render.ts';

const hostile = '<script>alert("x")</script> & \u0000\ud800 "quoted"';
const rows = times(200, (i) =>
  comparison(
    `Question ${i % 60} of the day, what do you think of it?`,
    [`A ${'long '.repeat(1 + (i % 9))}answer ${i}.`, `Short ${i}.`],
    i % 4 === 0 ? 'b' : 'a',
    {
      source: hostile,
      annotator: i % 3 === 0 ? hostile : `person ${i % 5}`,
      shownFirst: 0,
      segments: { [hostile]: i % 2 === 0 ? hostile : 'other', task: `task ${i % 3}` },
    },
  ),
);

describe('the quality report as a page', () => {
  it('lets nothing of the data become markup, runs no script and loads nothing', async () => {
    const page = renderQualityReport(await checkQuality(rows), { title: hostile });
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page.isWellFormed()).toBe(true);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('&lt;script&gt;');
  });

  it('opens and closes every element, and no two have one id', async () => {
    const page = renderQualityReport(await checkQuality(rows));
    const open: string[] = [];
    const empty = new Set(['meta', 'rect', 'line', 'circle', 'polyline']);
    for (const [, close, name, self] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/gi)) {
      if (close) expect(open.pop()).toBe(name);
      else if (!self && !empty.has(name!)) open.push(name!);
    }
    expect(open).toEqual([]);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, link] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(link);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('says first what stops training, with what to do', async () => {
    const broken = [...rows, ...times(30, (i) => comparison(`Empty ${i}?`, ['', 'x']))];
    const page = renderQualityReport(await checkQuality(broken));
    expect(page).toContain('What stops training on these data');
    expect(page.indexOf('Drop these rows')).toBeLessThan(page.indexOf('What passes'));
    expect(renderQualityReport(await checkQuality(rows, { required: [] }))).not.toContain(
      'What stops training',
    );
  });

  it('is a page for no judgements too', async () => {
    const page = renderQualityReport(await checkQuality([]));
    expect(page).toContain('0 judgements');
    expect(page).toContain('What could not be checked');
  });
});
