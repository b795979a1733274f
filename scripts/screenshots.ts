/** @file Writes docs/screenshots: every page of the studio over a project with something on each. Needs a built studio and Chromium. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { filledProject } from '../tests/studio/fill.ts';
import { becomeOwner, cannotRun, openStudio, pagesOf, settled, signIn } from '../tests/studio/studio.ts';

if (cannotRun) throw new Error(cannotRun);
const folder = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
await mkdir(folder, { recursive: true });
const studio = await openStudio(true);
try {
  await becomeOwner(studio, 'another');
  const page = await (await studio.browser()).newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(`${studio.address}/sign-in`);
  await settled(page);
  await page.screenshot({ path: `${folder}sign-in.png` });
  await signIn(page, studio.address);
  const pages = await pagesOf(studio, filledProject);
  for (const { name, path } of pages) {
    await page.goto(studio.address + path);
    await settled(page);
    await page.screenshot({ path: `${folder}${name}.png` });
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const { name, path } of pages.filter((one) =>
    ['label-pairwise', 'run', 'roll-outs'].includes(one.name),
  )) {
    await page.goto(studio.address + path);
    await settled(page);
    await page.screenshot({ path: `${folder}${name}-narrow-dark.png` });
  }
} finally {
  await studio.close();
}
