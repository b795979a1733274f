/** @file Tests: a reviewer decides in a browser on what annotators differ on, as one of them says or otherwise. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, becomeOwner, cannotRun, openStudio, type Studio, signIn } from './studio.ts';

const base = '/v1/projects/support/labelling';

interface Item {
  readonly assignment: string;
  readonly responses: readonly string[];
}

describe.skipIf(cannotRun)('disagreements in the studio', () => {
  let studio: Studio;
  let page: Page;

  beforeAll(async () => {
    studio = await openStudio();
    await becomeOwner(studio, 'support');
    page = await (await studio.browser()).newPage({ viewport: { width: 1280, height: 860 } });
    await signIn(page, studio.address);
  }, 180_000);
  afterAll(() => studio?.close());

  /** Calls the API as a new annotator. */
  const annotator = async (name: string) => {
    const { link } = (await studio.call('POST', '/v1/projects/support/invitations', {
      role: 'annotator',
    })) as { link: string };
    let cookie = '';
    const call = async (method: string, path: string, body: unknown): Promise<unknown> => {
      const answer = await fetch(studio.address + path, {
        method,
        headers: { cookie, origin: studio.address, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    const account = { name, email: `${name}@example.org`, password: 'purple monkey dishwasher' };
    await call('POST', '/v1/link/accept', { token: link.split('#')[1], account });
    return call;
  };

  it('are decided as nobody said, by keyboard', async () => {
    const { id } = (await studio.call('POST', `${base}/tasks`, {
      name: 'in order',
      kind: 'ranking',
      redundancy: 2,
      items: [{ prompt: 'Which is best?', responses: ['red', 'green', 'blue'] }],
    })) as { id: string };
    for (const [name, best] of [
      ['ben', 'red'],
      ['cleo', 'blue'],
    ] as const) {
      const call = await annotator(name);
      const { items } = (await call('POST', `${base}/tasks/${id}/next`, { open: 1 })) as { items: Item[] };
      const [{ assignment, responses }] = items as [Item];
      const first = responses.indexOf(best);
      const groups = [[first], [0, 1, 2].filter((at) => at !== first)];
      await call('PUT', `${base}/assignments/${assignment}/answer`, {
        answer: { kind: 'ranking', groups },
        seconds: 2,
      });
    }
    await page.goto(`${studio.address}/p/support/label/${id}/disputes`);
    await page.getByRole('button', { name: 'Agree with A' }).waitFor();
    expect(await page.getByText('ben').count()).toBe(0);
    await page.getByLabel('Reason').fill('Green is what was asked for.');
    await page.getByRole('button', { name: 'Another verdict' }).click();
    await page.getByRole('region', { name: 'Response B' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    for (const key of ['2', '1', '3', 'Enter']) await page.keyboard.press(key);
    await page.getByText('Nothing to decide').waitFor();
    const rows = JSON.stringify(
      await studio.call('GET', '/v1/projects/support/datasets/in%20order%20(verdicts)/rows'),
    );
    expect(rows).toContain('"groups":[[1],[0],[2]]');
  });
});
