/** @file A tar archive that holds one data file, read as that file. */

const blockSize = 512;
/** Types of entries that hold data: a regular file, written as `0` or, in old archives, as NUL. */
const fileTypes = new Set(['0', '\0', '7']);

/** Whether these first bytes are those of a tar archive. */
export const isTar = (head: Uint8Array): boolean =>
  head.length >= 263 && Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar';

/** What is wrong with an archive. */
export class TarFault extends Error {
  override readonly name = 'TarFault';
  readonly kind: 'cut' | 'damaged' | 'several_files' | 'no_file';

  constructor(kind: TarFault['kind']) {
    super(kind);
    this.kind = kind;
  }
}

/**
 * The bytes of the only file in an archive. Folders, links and the hidden files that some systems add are passed over.
 *
 * @throws TarFault when the archive is cut or damaged, or holds no file or more than one
 */
export async function* onlyFile(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  let remaining = 0;
  let padding = 0;
  let wanted = false;
  let found = false;
  let zeroBlocks = 0;
  for await (const piece of bytes) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    while (held.length > 0 && zeroBlocks < 2) {
      if (remaining > 0) {
        const part = held.subarray(0, remaining);
        held = held.subarray(part.length);
        remaining -= part.length;
        if (wanted) yield part;
      } else if (padding > 0) {
        const skipped = Math.min(padding, held.length);
        held = held.subarray(skipped);
        padding -= skipped;
      } else {
        if (held.length < blockSize) break;
        const header = entry(held.subarray(0, blockSize));
        held = held.subarray(blockSize);
        if (!header) {
          zeroBlocks++;
          continue;
        }
        zeroBlocks = 0;
        remaining = header.size;
        padding = (blockSize - (header.size % blockSize)) % blockSize;
        wanted = header.isData;
        if (wanted && found) throw new TarFault('several_files');
        found ||= wanted;
      }
    }
    if (zeroBlocks >= 2) held = Buffer.alloc(0);
  }
  if (remaining > 0 || (zeroBlocks < 2 && held.length > 0)) throw new TarFault('cut');
  if (!found) throw new TarFault('no_file');
}

/** An entry's size in bytes, and whether it is a file that a person put there; `undefined` for a block of zeros. */
const entry = (block: Buffer): { size: number; isData: boolean } | undefined => {
  if (block.every((byte) => byte === 0)) return undefined;
  const text = (start: number, end: number): string =>
    block.toString('latin1', start, end).replace(/\0.*$/s, '');
  const size = Number.parseInt(text(124, 136).trim(), 8);
  if (block.toString('latin1', 257, 262) !== 'ustar' || !Number.isSafeInteger(size) || size < 0)
    throw new TarFault('damaged');
  const name = text(0, 100).split('/').at(-1)!;
  const type = block.toString('latin1', 156, 157);
  return { size, isData: fileTypes.has(type) && !name.startsWith('.') };
};
