/** @file What failures of the operating system become at the border. */
import { plauditError } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { asPlauditError, writing } from './errors.ts';

const failure = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall, path: 'model/plaudit.json' });

describe('a failure of the operating system', () => {
  it.each([
    ['EACCES', 'open', 'data.file_unreadable', 'input'],
    ['EISDIR', 'read', 'data.file_unreadable', 'input'],
    ['EACCES', 'mkdir', 'output.not_writable', 'output'],
    ['EROFS', 'open', 'output.not_writable', 'output'],
    ['ENOSPC', 'write', 'output.disk_full', 'output'],
    ['EDQUOT', 'open', 'output.disk_full', 'output'],
    ['ECONNRESET', 'read', 'cli.internal', 'internal'],
  ])('%s of %s is %s', (code, syscall, expected, exit) => {
    expect(asPlauditError(failure(code, syscall))).toMatchObject({ code: expected, exit });
  });

  it('of opening a file is one of writing where the file was to be written', async () => {
    const refused = writing('rows.jsonl', () => Promise.reject(failure('EACCES', 'open')));
    await expect(refused).rejects.toMatchObject({
      code: 'output.not_writable',
      parameters: { path: 'rows.jsonl', problem: 'permission denied' },
    });
    const known = plauditError('data.file_missing', { path: 'x' });
    await expect(writing('y', () => Promise.reject(known))).rejects.toBe(known);
  });
});
