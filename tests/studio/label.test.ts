/** @file Tests: labelling in a browser by keyboard alone, through a killed server and lost connections, with nothing lost or doubled. */
/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, becomeOwner, cannotRun, openStudio, type Studio, signIn } from './studio.ts';

const pairs = (count: number, topic: string) =>
  Array.from({ length: count }, (_, i) => ({
    prompt: `${topic} question ${i}`,
    responses: [`${topic} good answer ${i}`, `${topic} bad answer ${i}`],
  }));

interface Progress {
  readonly judged: number;
  readonly wanted: number;
}

describe.skipIf(cannotRun)('labelling in the studio', () => {
  let studio: Studio;
  let page: Page;
  const faults: string[] = [];
  const base = '/v1/projects/support/labelling';

  beforeAll(async () => {
    studio = await openStudio();
    await becomeOwner(studio, 'support');
    page = await (await studio.browser()).newPage({ viewport: { width: 1280, height: 860 } });
    page.on('pageerror', (error) => faults.push(error.message));
    await signIn(page, studio.address);
  }, 180_000);
  afterAll(() => studio?.close());

  const create = async (body: Record<string, unknown>): Promise<string> =>
    ((await studio.call('POST', `${base}/tasks`, body)) as { id: string }).id;
  const progress = async (task: string): Promise<Progress> =>
    (await studio.call('GET', `${base}/tasks/${task}/progress`)) as Progress;
  const open = (task: string) => page.goto(`${studio.address}/p/support/label/${task}`);
  const prompt = async (): Promise<string> =>
    (await page.getByRole('region', { name: 'Prompt' }).textContent()) ?? '';
  const saved = () => page.locator('[data-outbox="0"]').waitFor({ timeout: 60_000 });
  /** Milliseconds from a key to the next item on the screen. */
  const press = async (key: string): Promise<number> => {
    const before = await prompt();
    return page.evaluate(
      ({ key, before }) =>
        new Promise<number>((resolve) => {
          const start = performance.now();
          const look = (): void => {
            const now = document.querySelector('section[aria-label="Prompt"]')?.textContent;
            if (now !== before) resolve(performance.now() - start);
            else requestAnimationFrame(look);
          };
          dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          look();
        }),
      { key, before },
    );
  };

  it('judges pairs by keyboard alone, with undo, a list of keys, and the next item at hand', async () => {
    const task = await create({ name: 'keyboard', kind: 'pairwise', items: pairs(8, 'keyboard') });
    // From the sections to the task and into it, without a pointer.
    await page.goto(`${studio.address}/p/support/label`);
    const start = page.getByRole('link', { name: 'Start with keyboard' });
    await start.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Prompt' }).waitFor();
    const took: number[] = [];
    for (const key of ['ArrowLeft', '2', '4', '0']) {
      took.push(await press(key));
      await saved();
    }
    expect(took.sort((a, b) => a - b)[2], `took ${took.map(Math.round)} ms`).toBeLessThan(100);
    await saved();
    const undone = await prompt();
    await page.keyboard.press('u');
    await page.waitForFunction(
      (before) => document.querySelector('section[aria-label="Prompt"]')?.textContent !== before,
      undone,
    );
    expect(await progress(task)).toMatchObject({ judged: 3 });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await page.getByRole('dialog').textContent()).toContain('Both bad');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    for (let left = 5; left > 0; left--) {
      await page.getByRole('region', { name: 'Prompt' }).waitFor();
      await page.keyboard.press('ArrowRight');
      await page.waitForTimeout(250);
    }
    await page.getByText('That was the last one').waitFor();
    await saved();
    expect(await progress(task)).toMatchObject({ judged: 8, wanted: 8 });
  });

  it('loses and doubles nothing when the server is killed in the middle of labelling', async () => {
    const task = await create({ name: 'killed', kind: 'pairwise', items: pairs(10, 'killed') });
    await open(task);
    await page.getByRole('region', { name: 'Prompt' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await saved();
    await page.waitForTimeout(300);
    await studio.kill();
    // The items at hand are judged without a server; the answers are kept in the browser.
    await press('1');
    await press('3');
    await page.getByRole('button', { name: /kept here/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    // Even a closed page does not lose them.
    const kept = await page.evaluate(
      () => Object.keys(localStorage).filter((key) => key.startsWith('plaudit.answer.')).length,
    );
    expect(kept).toBe(2);
    await studio.start();
    await saved();
    expect(await progress(task)).toMatchObject({ judged: 3 });
    for (let round = 0; round < 7; round++) {
      await page.getByRole('region', { name: 'Prompt' }).waitFor({ timeout: 30_000 });
      await page.keyboard.press('ArrowRight');
      // In the middle of sending, now and then.
      if (round === 2) {
        await studio.kill();
        await studio.start();
      }
      await page.waitForTimeout(300);
    }
    await page.getByText('That was the last one').waitFor({ timeout: 30_000 });
    await saved();
    expect(await progress(task)).toMatchObject({ judged: 10, wanted: 10 });
    expect(faults).toEqual([]);
  }, 180_000);

  it('keeps the answers of another person at the same computer, and sends them as nobody else', async () => {
    const key = 'plaudit.answer.00000000-0000-7000-8000-000000000001';
    const theirs = {
      by: 'user:another',
      project: 'support',
      task: 't',
      assignment: key.slice(15),
      seconds: 1,
      at: 1,
    };
    await page.evaluate(({ key, theirs }) => localStorage.setItem(key, JSON.stringify(theirs)), {
      key,
      theirs,
    });
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url()));
    await page.goto(`${studio.address}/p/support/label`);
    await page.getByRole('link', { name: 'Go on with killed' }).waitFor();
    await page.waitForTimeout(500);
    expect(sent.filter((url) => url.includes(theirs.assignment))).toEqual([]);
    expect(await page.evaluate((kept) => localStorage.getItem(kept), key)).toBe(JSON.stringify(theirs));
    await page.evaluate((kept) => localStorage.removeItem(kept), key);
  });

  it('rates, ranks, rewrites and labels steps by keyboard alone', async () => {
    const rating = await create({
      name: 'rating',
      kind: 'rating',
      items: [{ prompt: 'rating question', responses: ['an answer'] }],
      rubric: {
        name: 'quality',
        guideline: 'Read it.',
        criteria: [
          { name: 'truth', scale: { least: 0, most: 4 } },
          { name: 'style', scale: { least: 1, most: 5 } },
        ],
      },
    });
    const ranking = await create({
      name: 'ranking',
      kind: 'ranking',
      items: [{ prompt: 'ranking question', responses: ['x', 'y', 'z'] }],
    });
    const steps = await create({
      name: 'steps',
      kind: 'steps',
      items: [{ prompt: 'steps question', responses: ['first\nsecond\nthird'] }],
    });
    const edit = await create({
      name: 'edit',
      kind: 'edit',
      items: [{ prompt: 'edit question', responses: ['teh'] }],
    });
    const work: readonly (readonly [string, readonly string[]])[] = [
      [rating, ['3', '4', 'Enter']],
      [ranking, ['2', '1', 'e', '3', 'Enter']],
      [steps, ['1', '2', 'Enter']],
    ];
    for (const [task, keys] of work) {
      await open(task);
      await page.getByRole('region', { name: 'Prompt' }).waitFor();
      for (const key of keys) await page.keyboard.press(key);
      await page.getByText('That was the last one').waitFor();
      await saved();
      expect(await progress(task)).toMatchObject({ judged: 1 });
    }
    await open(edit);
    await page.getByRole('region', { name: 'Prompt' }).waitFor();
    await page.keyboard.press('e');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('the');
    await page.keyboard.press('Control+Enter');
    await page.getByText('That was the last one').waitFor();
    await saved();
    expect(await progress(edit)).toMatchObject({ judged: 1 });
  });

  it('shows hostile texts as texts: nothing of them runs', async () => {
    const hostile = [
      '<script>globalThis.broken = 1</script><img src=x onerror="globalThis.broken = 1">',
      '[click](javascript:globalThis.broken=1) ![](https://example.org/track.png) $\\href{javascript:globalThis.broken=1}{x}$',
    ];
    const task = await create({
      name: '<b>hostile</b>',
      kind: 'pairwise',
      items: [{ prompt: hostile[0], responses: hostile }],
    });
    await open(task);
    await page.getByRole('region', { name: 'Prompt' }).waitFor();
    for (const key of ['d', 'm', 'd', 'm']) await page.keyboard.press(key);
    expect(await page.evaluate(() => (globalThis as { broken?: number }).broken)).toBeUndefined();
    expect(await page.locator('.prose img, .prose script, .prose a[href^="javascript"]').count()).toBe(0);
    expect(await page.getByRole('heading', { name: '<b>hostile</b>' }).count()).toBe(1);
  });

  it('compares on each criterion by keyboard alone', async () => {
    const scale = { least: 0, most: 4 };
    const task = await create({
      name: 'by criteria',
      kind: 'pairwise',
      asks: 'criteria',
      items: pairs(1, 'criteria'),
      rubric: {
        name: 'two criteria',
        guideline: 'Each for itself.',
        criteria: ['truth', 'style'].map((name) => ({ name, scale })),
      },
    });
    await open(task);
    await page.getByRole('region', { name: 'Prompt' }).waitFor();
    for (const key of ['2', '4', 'ArrowUp', 'ArrowLeft']) await page.keyboard.press(key);
    await page.getByRole('radio', { name: 'A better', checked: true }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('That was the last one').waitFor();
    await saved();
    expect(await progress(task)).toMatchObject({ judged: 1 });
  });

  it('takes back the last ten, one after the other', async () => {
    const task = await create({ name: 'taken back', kind: 'pairwise', items: pairs(12, 'taken back') });
    await open(task);
    await page.getByRole('region', { name: 'Prompt' }).waitFor();
    const seen: string[] = [];
    for (let i = 0; i < 12; i++) {
      await page.getByRole('region', { name: 'Prompt' }).waitFor();
      seen.push(await prompt());
      await page.keyboard.press('ArrowLeft');
      await saved();
      await page.waitForTimeout(150);
    }
    await page.getByText('That was the last one').waitFor();
    await page.getByRole('button', { name: 'Undo the last one' }).click();
    for (let back = 1; back <= 10; back++) {
      await page.waitForFunction(
        (wanted) => document.querySelector('section[aria-label="Prompt"]')?.textContent === wanted,
        seen.at(-back),
      );
      if (back < 10) await page.keyboard.press('u');
    }
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true);
    expect(await progress(task)).toMatchObject({ judged: 2 });
  });

  it('shows maths, code and right-to-left texts, with differences marked in them', async () => {
    const answer = (word: string, top: string): string =>
      `Es gilt **${word}**: $\\frac{${top}}{2}$\n\n\`\`\`js\nconst ${word} = 1;\n\`\`\`\n\nהתשובה היא ${word}.`;
    const task = await create({
      name: 'texts',
      kind: 'pairwise',
      items: [
        {
          prompt: 'ما هي عاصمة فرنسا؟',
          responses: [answer('alpha', 'n'), answer('beta', 'm')],
          language: 'ar',
        },
        ...pairs(1, 'texts'),
      ],
    });
    await open(task);
    await page.getByRole('region', { name: 'Prompt' }).waitFor();
    if ((await prompt()).includes('texts')) await page.keyboard.press('s');
    const a = page.getByRole('region', { name: 'Response A' });
    await a.locator('.katex').first().waitFor();
    expect(await a.locator('.hljs-keyword').first().textContent()).toBe('const');
    const directions = await page.evaluate(() =>
      ['Prompt', 'Response A'].map((name) => {
        const { left, right } = document
          .querySelector(`section[aria-label="${name}"] .prose`)!
          .getBoundingClientRect();
        const last = [...document.querySelectorAll(`section[aria-label="${name}"] .prose p`)].at(-1)!;
        const range = document.createRange();
        range.selectNodeContents(last);
        const text = range.getBoundingClientRect();
        return right - text.right < text.left - left ? 'rtl' : 'ltr';
      }),
    );
    // Each paragraph by its own language: the last one of the response is Hebrew.
    expect(directions).toEqual(['rtl', 'rtl']);
    expect(await page.locator('.prose[lang="ar"]').count()).toBe(3);
    await page.keyboard.press('d');
    await a.locator('mark').first().waitFor();
    const marked = await a.locator('mark').allTextContents();
    expect(marked.filter((text) => text === 'alpha' || text === 'beta')).toHaveLength(3);
    expect(await a.locator('mark .katex').count()).toBe(1);
    expect(await a.locator('strong mark, code mark').count()).toBe(2);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('m');
    await a.locator('.diff mark').first().waitFor();
    expect(await a.textContent()).toContain('```js');
    for (const key of ['m', 'd']) await page.keyboard.press(key);
    await a.locator('mark').first().waitFor({ state: 'detached' });
  });

  it('shows what the live model has learned while labelling goes on, and its doubts on a page of its own', async () => {
    const topics = [
      'rivers',
      'primes',
      'bread',
      'gardens',
      'trains',
      'chess',
      'volcanoes',
      'birds',
      'glass',
      'rain',
    ];
    const items = topics.flatMap((one, at) =>
      topics.map((other) => ({
        prompt: `${one} ${other} ${'abcdefghij'[at]!.repeat(20)} ${other.repeat(3)}`,
        responses: [`Gladly: ${one} and ${other}`, `No idea about ${one}`],
      })),
    );
    const task = await create({ name: 'learning', kind: 'pairwise', items });
    await open(task);
    const model = page.locator('[data-live]');
    await model.waitFor();
    for (let i = 0; i < 6; i++) {
      await page.getByRole('region', { name: 'Prompt' }).waitFor();
      await press(
        (await page.getByRole('region', { name: 'Response A' }).textContent())?.includes('Gladly')
          ? 'ArrowLeft'
          : 'ArrowRight',
      );
      await saved();
    }
    await page.waitForFunction(
      () => Number(document.querySelector('[data-live]')?.getAttribute('data-live')) >= 3,
      undefined,
      { timeout: 20_000 },
    );
    await page.goto(`${studio.address}/p/support/label/${task}/live`);
    await page.getByText('What it doubts most').waitFor();
    await page.getByRole('article', { name: 'An item that it doubts' }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });
});
