/** @file A uniform sample of fixed size from a stream of unknown length. @see Vitter 1985, algorithm R */
import type { Random } from '@plaudit/contract';

export class Reservoir<Item> {
  /** Items that came by. */
  seen = 0;
  readonly items: Item[] = [];
  private readonly room: number;
  private readonly random: Random;

  constructor(room: number, random: Random) {
    this.room = room;
    this.random = random;
  }

  /** The item is only made if it is drawn. */
  add(make: () => Item): void {
    this.seen++;
    if (this.items.length < this.room) {
      this.items.push(make());
      return;
    }
    const place = this.random.integer(this.seen);
    if (place < this.room) this.items[place] = make();
  }
}
