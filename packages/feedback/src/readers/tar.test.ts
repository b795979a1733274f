import { describe, expect, it } from 'vitest';
import { isTar, onlyFile } from './tar.ts';

describe('a tar archive', () => {
  const block = (name: string, content: string, type = '0'): Buffer => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(type, 156);
    header.write('ustar\0', 257);
    return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
  };
  const archive = (...blocks: Buffer[]): Buffer => Buffer.concat([...blocks, Buffer.alloc(1024)]);
  const read = async (bytes: Buffer, size: number): Promise<string> => {
    const pieces = async function* () {
      for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
    };
    const parts: Uint8Array[] = [];
    for await (const part of onlyFile(pieces())) parts.push(part);
    return Buffer.concat(parts).toString();
  };
  const folder = block('data/', '', '5');

  it('of one file is that file, folders and hidden files aside', async () => {
    const content = 'x'.repeat(700);
    const bytes = archive(folder, block('._rows.tsv', 'hidden'), block('data/rows.tsv', content));
    expect(isTar(bytes)).toBe(true);
    for (const size of [1, 511, 512, 513, 10_000]) expect(await read(bytes, size)).toBe(content);
  });

  it.each([
    ['several_files', archive(block('a', 'x'), block('b', 'y'))],
    ['no_file', archive(folder)],
    ['cut', block('a', 'x'.repeat(600)).subarray(0, 700)],
    ['cut', Buffer.concat([folder, Buffer.from('half a header')])],
    ['damaged', archive(folder, Buffer.alloc(512, 'x'))],
  ])('is refused as %s', async (kind, bytes) => {
    await expect(read(bytes, 512)).rejects.toMatchObject({ name: 'TarFault', kind });
  });
});
