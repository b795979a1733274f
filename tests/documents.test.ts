/** @file Documents stay true: generated pages are fresh, shown commands print what is shown, links lead somewhere. */
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { errorTable } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = ['*.md', 'docs/*.md', 'packages/*/README.md'].flatMap((pattern) =>
  globSync(pattern, { cwd: root }),
);

describe('the documents', () => {
  it('show what the commands in them print, and list the commands and errors that there are', async () => {
    const generate = ['--conditions=source', 'scripts/generate-docs.ts', '--check'];
    await promisify(execFile)(process.execPath, generate, { cwd: root });
  }, 300_000);

  it('link to files and headings that exist', () => {
    const headings = (text: string): string[] =>
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
    const broken = documents.flatMap((document) =>
      [...read(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(([, path, anchor]) => {
        const target = path === '' ? document : join(dirname(document), path!);
        if (!existsSync(join(root, target))) return [`${document}: ${path}`];
        if (anchor === undefined || headings(read(target)).includes(anchor)) return [];
        return [`${document}: ${path}#${anchor}`];
      }),
    );
    expect(broken).toEqual([]);
  });
});

describe('the error table', () => {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: root })
    .filter((path) => !path.startsWith('packages/contract/src/errors/') && !path.endsWith('.test.ts'))
    .map(read)
    .join('\n');

  it('has no row that nothing raises', () => {
    // A code can be put together from its group and its name where several of a group arise in one place.
    const isRaised = (code: string): boolean => {
      const [group, name] = code.split('.');
      return (
        sources.includes(`'${code}'`) || (sources.includes(`\`${group}.\${`) && sources.includes(`'${name}'`))
      );
    };
    const unraised = Object.keys(errorTable).filter((code) => !isRaised(code));
    expect(unraised).toEqual([]);
  });

  it('says for every row what happened and what to do, in sentences', () => {
    for (const { message, cure } of Object.values(errorTable)) {
      expect(message).toMatch(/^[A-Z{].*[.:}\])]$/);
      expect(cure).toMatch(/[.:}]$/);
    }
  });
});
