/** @file A set of 32-bit keys in order of first occurrence, built to be emptied and filled again for every text. */

/** Open addressing with linear probing; at most a quarter of the table is in use. */
export class KeySet {
  /** Keys 0 to `size - 1` are in the set; the array is replaced when it grows. */
  keys = new Uint32Array(512);
  size = 0;
  private table = new Int32Array(2048).fill(-1);
  private slots = new Int32Array(512);

  clear(): void {
    for (let i = 0; i < this.size; i++) this.table[this.slots[i]!] = -1;
    this.size = 0;
  }

  /** Adds a key. @returns Whether it is new. */
  add(key: number): boolean {
    const slot = this.find(key);
    if (this.table[slot]! >= 0) return false;
    if (this.size === this.keys.length) {
      this.grow();
      return this.add(key);
    }
    this.table[slot] = this.size;
    this.slots[this.size] = slot;
    this.keys[this.size] = key;
    this.size++;
    return true;
  }

  has(key: number): boolean {
    return this.table[this.find(key)]! >= 0;
  }

  /** The slot that holds the key, or the free one where it belongs. */
  private find(key: number): number {
    const mask = this.table.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 8) & mask;
    for (;;) {
      const at = this.table[slot]!;
      if (at < 0 || this.keys[at] === key) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const { keys, size } = this;
    this.keys = new Uint32Array(size * 2);
    this.slots = new Int32Array(size * 2);
    this.table = new Int32Array(size * 8).fill(-1);
    this.size = 0;
    for (let i = 0; i < size; i++) this.add(keys[i]!);
  }
}
