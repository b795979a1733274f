/** @file A thread that is there as long as it is wanted: one that ends by itself is followed by another one. */

interface Thread {
  /** Resolves when the thread has ended, whyever. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds before a start that failed is tried again. */
const restartPause = 1000;

export class KeptThread<Kind extends Thread> {
  private readonly start: () => Promise<Kind>;
  private thread: Promise<Kind>;
  private closing = false;
  private retry: NodeJS.Timeout | undefined;

  /** @param first One that runs already @param start Makes the one that follows it */
  constructor(first: Kind, start: () => Promise<Kind>) {
    this.start = start;
    this.thread = Promise.resolve(first);
    this.watch(first);
  }

  /** The one that runs, or is about to. @throws why it could not be started */
  current(): Promise<Kind> {
    return this.thread;
  }

  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.retry);
    const thread = await this.thread.catch(() => undefined);
    await thread?.close();
  }

  private watch(thread: Kind): void {
    void thread.ended.then(() => this.follow());
  }

  private follow(): void {
    if (this.closing) return;
    this.thread = this.start();
    this.thread.then(
      (thread) => this.watch(thread),
      () => {
        this.retry = setTimeout(() => this.follow(), restartPause).unref();
      },
    );
  }
}
