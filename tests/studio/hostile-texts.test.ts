/** @file Tests: every page of the studio over a project whose every text is an attack: nothing of it runs, loads or leads anywhere. */
/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileProject } from './fill-hostile.ts';
import { becomeOwner, cannotRun, openStudio, pagesOf, type Studio, settled, signIn } from './studio.ts';

describe.skipIf(cannotRun)('a project full of attacks', () => {
  let studio: Studio;
  let page: Page;
  const elsewhere: string[] = [];
  const dialogs: string[] = [];
  beforeAll(async () => {
    studio = await openStudio('hostile');
    await becomeOwner(studio, 'another');
    page = await (await studio.browser()).newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(20_000);
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== studio.address && !['data:', 'blob:'].includes(url.protocol))
        elsewhere.push(request.url());
    });
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.addInitScript(() => {
      const kept = globalThis as unknown as { violations: string[] };
      kept.violations = [];
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        kept.violations.push(`${violatedDirective} ${blockedURI}`);
      });
    });
    await signIn(page, studio.address);
  }, 180_000);
  afterAll(() => studio?.close());

  /** What a page has that it must not have. */
  const faultsOf = (): Promise<readonly string[]> =>
    page.evaluate(() => {
      const kept = globalThis as unknown as { broken?: number; violations: readonly string[] };
      const faults = [...kept.violations];
      if (kept.broken !== undefined) faults.push('something ran');
      for (const element of document.querySelectorAll('*')) {
        const tag = element.tagName.toLowerCase();
        if (['iframe', 'object', 'embed', 'base', 'math style', 'mglyph'].includes(tag))
          faults.push(`there is a ${tag}`);
        if (tag === 'script' && !(element as HTMLScriptElement).src.startsWith(location.origin))
          faults.push('there is a script');
        for (const { name, value } of element.attributes) {
          if (name.startsWith('on')) faults.push(`${tag} has ${name}`);
          if (['href', 'src', 'action', 'formaction', 'xlink:href', 'srcdoc'].includes(name)) {
            const url = URL.parse(value, document.baseURI);
            const isOurs =
              url?.origin === location.origin || ['data:', 'blob:'].includes(url?.protocol ?? '');
            const isLink = tag === 'a' && ['http:', 'https:', 'mailto:'].includes(url?.protocol ?? '');
            if (tag === 'a' && !isOurs && isLink && !element.getAttribute('rel')?.includes('noopener'))
              faults.push(`a link to ${value} knows where it came from`);
            if (name === 'srcdoc' || (tag === 'a' ? !isLink : !isOurs))
              faults.push(`${tag} leads to ${value.slice(0, 80)}`);
          }
        }
      }
      if (document.baseURI !== location.href) faults.push('the base is another');
      return faults;
    });

  it('shows each page with its texts as texts', async () => {
    const pages = await pagesOf(studio, hostileProject);
    expect(pages.length).toBeGreaterThan(15);
    let attacked = 0;
    for (const { name, path } of pages) {
      const answer = await page.goto(studio.address + path);
      const policy = answer!.headers()['content-security-policy'] ?? '';
      const directives = new Map(
        policy.split(';').map((one) => [one.split(' ')[0]!, one.split(' ').slice(1).join(' ')]),
      );
      expect(directives.get('script-src'), name).toBe("'self'");
      expect([
        directives.get('object-src'),
        directives.get('base-uri'),
        directives.get('frame-ancestors'),
      ]).toEqual(["'none'", "'none'", "'none'"]);
      await settled(page);
      for (const key of name.startsWith('label-') ? ['d', 'd', 'r', '?', 'Escape'] : [])
        await page.keyboard.press(key);
      expect(await faultsOf(), name).toEqual([]);
      if ((await page.locator('body').textContent())?.includes('globalThis.broken=1')) attacked++;
    }
    // The attacks are there to be read.
    expect(attacked).toBeGreaterThan(12);
    expect(elsewhere).toEqual([]);
    expect(dialogs).toEqual([]);
  }, 240_000);
});
