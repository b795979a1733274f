/**
 * @file Writes docs/screenshots: every page of the studio, over a finished quickstart. Needs a built studio and Chromium.
 * `npx plaudit quickstart --no-studio && node --conditions=source scripts/screenshots.ts [plaudit-quickstart]`
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { becomeOwner, cannotRun, openStudio, pagesOf, settled, signIn } from '../tests/studio/studio.ts';

if (cannotRun) throw new Error(cannotRun);
const [quickstart = 'plaudit-quickstart'] = process.argv.slice(2);
/** Of the quickstart. */
const project = 'quickstart';
const inTheDark = ['label-pairwise', 'run', 'roll-outs', 'monitoring-drift'];

const folder = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
await mkdir(folder, { recursive: true });
const studio = await openStudio(false, join(quickstart, 'store'));
try {
  await becomeOwner(studio, 'another');
  const page = await (await studio.browser()).newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(`${studio.address}/sign-in`);
  await settled(page);
  await page.screenshot({ path: `${folder}sign-in.png` });
  await signIn(page, studio.address);
  const pages = await pagesOf(studio, project);
  for (const { name, path } of pages) {
    await page.goto(studio.address + path);
    await settled(page);
    await page.screenshot({ path: `${folder}${name}.png` });
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const { name, path } of pages.filter((one) => inTheDark.includes(one.name))) {
    await page.goto(studio.address + path);
    await settled(page);
    await page.screenshot({ path: `${folder}${name}-narrow-dark.png` });
  }
} finally {
  await studio.close();
}
