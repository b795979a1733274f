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
    }, 600_000);

  it('tells the numbers of a curve in a sentence and in a table', async () => {
    const { runs } = (await studio.call('GET', `/v1/projects/${filledProject}/runs`)) as {
      runs: { id: string; name: string }[];
    };
    const run = runs.find(({ name }) => name === 'support policy')!;
    await page.goto(`${studio.address}/p/${filledProject}/runs/${run.id}`);
    await page.getByText(/train\/loss falls from .* between step 1 and 120/).waitFor();
    await page.getByRole('button', { name: 'Show the numbers of train/loss' }).click();
    expect(await page.getByRole('row').count()).toBeGreaterThan(100);
  });

  const open = async (path: string): Promise<void> => {
    await page.goto(`${studio.address}/p/${filledProject}/${path}`);
    await settled(page);
  };
  const choose = async (label: string, option: string | RegExp): Promise<void> => {
    await page
      .getByRole('combobox', { name: label })
      .or(page.getByLabel(label, { exact: true }))
      .first()
      .click();
    await page.getByRole('option', { name: option }).first().click();
  };
  const press = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' }).click();

  it('goes through the values of a chart by arrow keys, and says them', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole('group', { name: /^Values of train\/loss/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page
      .locator('[aria-live="polite"]', { hasText: /^2: train\/loss 0\.\d+/ })
      .waitFor({ state: 'attached' });
    await page.keyboard.press('End');
    await page
      .locator('[aria-live="polite"]', { hasText: /^120: train\/loss/ })
      .waitFor({ state: 'attached' });
  });

  it('opens what an address says: a view, a window, what is compared', async () => {
    await open('monitoring?view=drift&hours=24');
    expect(await page.getByRole('radio', { name: 'A day' }).isChecked()).toBe(true);
    expect(await page.getByRole('tab', { name: 'Drift' }).getAttribute('aria-selected')).toBe('true');
    await page.getByText('A week').click();
    await page.waitForURL(/view=drift$/);
    await page
      .getByText(/large drift/)
      .first()
      .waitFor();
    await page
      .getByText(/standard deviations higher/)
      .first()
      .waitFor();
  });

  it('makes, changes, tries and removes an alert rule', async () => {
    await open('monitoring?view=alerts');
    await press('Make a rule');
    await page.getByRole('dialog').waitFor();
    await page.getByLabel('Name').fill('Prompts have moved');
    await page
      .getByRole('combobox', { name: 'Measure' })
      .or(page.getByLabel('Measure'))
      .first()
      .fill('Prompt');
    await page.getByRole('option', { name: /Prompt drift/ }).click();
    await press('Add an e-mail address');
    await page.getByLabel('E-mail').fill('on-call@example.org');
    await page.waitForTimeout(400);
    expect(await accessibilityFaults(page)).toEqual([]);
    await press('Make it');
    await page.getByText(/Prompt drift, classifier above 0.65 in live/).waitFor();
    await press('Send a trial: Prompts have moved');
    await page.getByText('email: not delivered, monitoring.no_mail').waitFor();
    await press('Change: Prompts have moved');
    await page.getByRole('textbox', { name: 'Bound' }).fill('0.7');
    await press('Change it');
    await page.getByText(/Prompt drift, classifier above 0.7 in live/).waitFor();
    await press('Remove: Prompts have moved');
    await press('Yes, remove it: Prompts have moved');
    await page.getByText(/Prompt drift, classifier/).waitFor({ state: 'detached' });
  });

  it('takes a bundle from its making to production, and says what is wrong with a guardrail', async () => {
    await open('roll-outs/bundles/new');
    await page.getByLabel('Name').fill('second');
    await choose('Reward model', 'support reward, version 2');
    await press('Add a pattern');
    await page.getByRole('textbox', { name: 'Rule' }).fill('secrets');
    await page.getByLabel('Pattern').fill('(');
    await page.getByText(/Invalid regular expression/).waitFor();
    expect(await page.getByRole('button', { name: 'Make it' }).isDisabled()).toBe(true);
    await page.getByLabel('Pattern').fill('secret');
    await page.getByLabel('and a response').fill('It is a secret.');
    await press('Try them');
    await page.getByText('It would be kept back').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await press('Make it');
    await page.getByRole('heading', { name: 'second 1' }).waitFor();
    await page.getByText('Evaluated (not yet)').waitFor();
    await choose('On the judgements of the snapshot', /^latest/);
    await press('Evaluate');
    await page.getByText(/It sides with people in \d+/).waitFor({ timeout: 60_000 });
    await press('Promote');
    await page.getByRole('dialog').getByLabel('Deployment').fill('trial');
    await page.getByLabel('Reason').fill('a test');
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click();
    await page.getByText('In trial.').waitFor({ timeout: 60_000 });
  }, 180_000);

  it('plans an experiment by the least effect that matters, and starts it', async () => {
    await open('experiments');
    await press('Plan an experiment');
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel('Name', { exact: true })
      .or(dialog.getByLabel('Name'))
      .first()
      .fill('Shorter answers');
    await dialog.getByLabel('Metric that decides').fill('solved');
    await dialog.getByText(/It takes about [\d,]+ units in all/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await press('Make a draft');
    await page.getByRole('heading', { name: 'Shorter answers' }).waitFor();
    await press('Start');
    await page.getByText('Open: no difference is sure yet').waitFor();
  });

  it('starts a training and shows the report of what it made in a frame in which nothing runs', async () => {
    await open('runs');
    await press('Start a run');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('from the studio');
    await choose('Snapshot', /^latest/);
    await page.waitForTimeout(400);
    expect(await accessibilityFaults(page)).toEqual([]);
    await press('Start');
    await page.getByRole('heading', { name: 'from the studio' }).waitFor();
    const made = async (): Promise<string | undefined> => {
      const { models } = (await studio.call('GET', `/v1/projects/${filledProject}/models?role=reward`)) as {
        models: { id: string; name: string }[];
      };
      return models.find(({ name }) => name === 'from the studio')?.id;
    };
    await expect.poll(made, { timeout: 90_000, interval: 500 }).toBeDefined();
    await open(`models/${await made()}`);
    await press('Read the report');
    await page.frameLocator('iframe[title="Report"]').getByRole('heading').first().waitFor();
    expect(await page.locator('iframe[title="Report"]').getAttribute('sandbox')).toBe('');
    expect(faults).toEqual([]);
  }, 180_000);
});
