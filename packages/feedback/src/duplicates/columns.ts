/** @file Numbers of one kind for each row, in memory that grows by doubling: a few bytes a row where objects take a hundred. */

interface Numbers {
  readonly length: number;
  [index: number]: number;
  set(from: ArrayLike<number>): void;
}

class Column<Values extends Numbers> {
  /** Also holds room for rows to come; `length` rows are there. */
  values: Values;
  length = 0;
  private readonly make: (size: number) => Values;

  constructor(make: (size: number) => Values, room: number) {
    this.make = make;
    this.values = make(Math.max(16, room));
  }

  push(value: number): void {
    this.reserve(1);
    this.values[this.length++] = value;
  }

  /** Makes room for so many more. */
  reserve(more: number): void {
    if (this.length + more <= this.values.length) return;
    const larger = this.make(Math.max(this.length + more, 2 * this.values.length));
    larger.set(this.values as ArrayLike<number>);
    this.values = larger;
  }
}

/** Whole numbers of 32 bits. */
export class IntegerColumn extends Column<Int32Array> {
  constructor(room = 0) {
    super((size) => new Int32Array(size), room);
  }
}

/** Doubles. */
export class NumberColumn extends Column<Float64Array> {
  constructor(room = 0) {
    super((size) => new Float64Array(size), room);
  }
}
