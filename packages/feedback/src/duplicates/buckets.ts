/** @file Items by well-mixed key: an open hash table of the last item with each key, and chains to the earlier ones. */
export class Buckets {
  /** The item before this one in its bucket, or -1. */
  readonly previous: Int32Array;
  /** How many items were in an item's bucket before it. */
  private readonly depths: Int32Array;
  /** [slots, 2]: a key, and the last item with it plus 1, or 0 in a free slot. */
  private readonly slots: Int32Array;
  private readonly mask: number;

  constructor(count: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * count + 2));
    this.previous = new Int32Array(count);
    this.depths = new Int32Array(count);
    this.slots = new Int32Array(2 * size);
    this.mask = size - 1;
  }

  clear(): void {
    this.slots.fill(0);
  }

  /** Adds an item and returns how many others had its key; `previous[item]` is the last of them. */
  add(key: number, item: number): number {
    const { slots, mask } = this;
    let slot = key & mask;
    while (slots[2 * slot + 1] !== 0 && slots[2 * slot] !== key) slot = (slot + 1) & mask;
    const before = slots[2 * slot + 1]! - 1;
    slots[2 * slot] = key;
    slots[2 * slot + 1] = item + 1;
    this.previous[item] = before;
    this.depths[item] = before < 0 ? 0 : this.depths[before]! + 1;
    return this.depths[item]!;
  }
}
