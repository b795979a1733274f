/** @file Tests: every page of the studio with content, in light and dark, wide and narrow: nothing fails, axe finds nothing. */
/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filledProject } from './fill.ts';
import {
  accessibilityFaults,
  becomeOwner,
  cannotRun,
  openStudio,
  pagesOf,
  type Studio,
  settled,
  signIn,
} from './studio.ts';

describe.skipIf(cannotRun)('the pages of the studio', () => {
  let studio: Studio;
  let page: Page;
  const faults: string[] = [];
  beforeAll(async () => {
    studio = await openStudio(true);
    page = await (await studio.browser()).newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => faults.push(error.message));
  }, 180_000);
  afterAll(() => studio?.close());

  it('lets the first owner in by the one-time link, which works once', async () => {
    await page.goto(studio.link!);
    await page.getByRole('heading', { name: 'Become the owner of this installation' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await becomeOwner(studio, 'another');
    await page.goto('about:blank');
    await page.goto(studio.link!);
    await page.getByRole('heading', { name: 'This link cannot be used' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.goto(`${studio.address}/p/${filledProject}/runs`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await signIn(page, studio.address);
  });

  for (const scheme of ['light', 'dark'] as const)
    it(`shows each page in ${scheme} colours without a breach of WCAG 2.2 AA`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize(
        scheme === 'light' ? { width: 1280, height: 900 } : { width: 390, height: 844 },
      );
      for (const { name, path } of await pagesOf(studio, filledProject)) {
        await page.goto(studio.address + path);
        await settled(page);
        expect(await accessibilityFaults(page), `${name} in ${scheme}`).toEqual([]);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, `${name} is not wider than the screen`).toBeLessThanOrEqual(
          scheme === 'light' ? 1280 : 390,
        );
        // Whatever the page could not get is said on it.
        expect(await page.getByRole('alert').allTextContents(), name).toEqual([]);
      }
      expect(faults).toEqual([]);
    }, 240_000);

  it('tells the numbers of a curve in a sentence and in a table', async () => {
    const { runs } = (await studio.call('GET', `/v1/projects/${filledProject}/runs`)) as {
      runs: { id: string; name: string }[];
    };
    const run = runs.find(({ name }) => name === 'linear reward')!;
    await page.goto(`${studio.address}/p/${filledProject}/runs/${run.id}`);
    await page.getByText(/train\/loss falls from .* between step 0 and 119/).waitFor();
    await page.getByRole('button', { name: 'Show the numbers of train/loss' }).click();
    expect(await page.getByRole('row').count()).toBeGreaterThan(100);
  });
});
