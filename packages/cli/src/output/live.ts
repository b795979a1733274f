/** @file A view of several lines that redraws itself on a terminal; nothing anywhere else. */
import type { ProgressStream } from './progress.ts';

/** Milliseconds between two redraws. */
const redrawEvery = 200;

export interface LiveView {
  /** Draws lines over those that it drew before. @param lines Each narrower than the terminal */
  show(lines: () => readonly string[]): void;
  /** Leaves the last lines where they are; what is written next comes below them. */
  end(): void;
}

export const liveView = (stream: ProgressStream, now: () => number = () => performance.now()): LiveView => {
  let drawn = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(lines) {
      if (!stream.isTTY || now() - shownAt < redrawEvery) return;
      shownAt = now();
      const text = lines();
      const up = drawn > 0 ? `\u001b[${drawn}A` : '';
      stream.write(`${up}\r\u001b[J${text.map((line) => `${line}\n`).join('')}`);
      drawn = text.length;
    },
    end() {
      drawn = 0;
    },
  };
};
