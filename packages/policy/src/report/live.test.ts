import { describe, expect, it } from 'vitest';
import { liveLine, liveLines, sparkline } from './live.ts';
import { onlineRecords, overOptimisedRun } from './testing.ts';

describe('a sparkline', () => {
  it('goes from the lowest to the highest level', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([2, 1, 0, 1, 2])).toBe('█▅▁▅█');
  });

  it('is flat where nothing varies, empty for nothing, and skips what is not finite', () => {
    expect(sparkline([3, 3, 3])).toBe('▄▄▄');
    expect(sparkline([])).toBe('');
    expect(sparkline([Number.NaN, 1, Number.POSITIVE_INFINITY, 2])).toBe('▁█');
  });

  it('draws means of stretches where there are more values than characters', () => {
    expect(sparkline([0, 2, 4, 6, 8, 10], 3)).toBe('▁▅█');
    expect(
      sparkline(
        Array.from({ length: 1000 }, (_, i) => i),
        10,
      ),
    ).toHaveLength(10);
  });
});

const { document, records } = overOptimisedRun();

describe('the live view', () => {
  it('shows in a line what an update did', () => {
    expect(liveLine(records[9]!, 120)).toMatch(
      /^update 10 of 120 {2}reward [\d.]+ {2}gold [\d.]+ {2}KL [\d.]+ {2}entropy [\d.]+ {2}length \d+ {2}ended \d+ % {2}loss −?[\d.]+ {2}held-out reward [\d.]+ {2}held-out gold [\d.]+$/,
    );
    const { rollout: _, heldOut: __, ...offline } = records[9]!;
    expect(liveLine({ ...offline, accuracy: 0.62, margin: 0.4, validationLoss: 0.65 })).toMatch(
      /^update 10 {2}loss −?[\d.]+ {2}accuracy 62 % {2}margin 0\.4 {2}validation loss 0\.65$/,
    );
  });

  it('has a row for each number, the time that is left, where time goes, and what goes wrong', () => {
    const lines = liveLines(records, {
      ...{ totalSteps: 200, start: document.start, klTarget: 6, drift: document.drift },
    });
    expect(lines[0]).toBe('update 120 of 200  5.5 s each, 7 min 20 s left');
    expect(lines.slice(1, -2).map((line) => line.slice(0, 10).trim())).toEqual([
      ...['reward', 'held out', 'gold', 'KL', 'entropy', 'length', 'ended', 'cost', 'loss'],
    ]);
    expect(lines.find((line) => line.startsWith('gold'))).toMatch(/^gold +[\d.]+ {2}▁[▁-█]+ +± 0\.05$/);
    expect(lines.find((line) => line.startsWith('KL'))).toMatch(/coefficient 0\.05, target 6$/);
    expect(lines.at(-2)).toMatch(/^time +rollout \d+ %, scoring \d+ %, learning \d+ %$/);
    expect(lines.at(-1)).toMatch(/^! length creep since update \d+$/);
  });

  it('keeps its rows in place from one update to the next, and within the terminal', () => {
    for (const columns of [20, 60, 80, 200])
      for (const count of [1, 2, 50]) {
        const lines = liveLines(onlineRecords(count), { totalSteps: 50, columns });
        expect(lines).toHaveLength(8);
        for (const line of lines) expect(line.length).toBeLessThan(Math.max(21, columns));
      }
  });

  it('of an offline run shows losses and accuracies, and nothing before the first update', () => {
    const offline = records.map(({ rollout: _, heldOut: __, ...record }) => ({
      ...record,
      accuracy: 0.6,
      ...(record.step % 10 === 0 && { validationLoss: 0.6, validationAccuracy: 0.61 }),
    }));
    expect(liveLines(offline).map((line) => line.slice(0, 10).trim())).toEqual([
      ...['update 120', 'loss', 'accuracy', 'val. loss', 'val. acc.'],
    ]);
    expect(liveLines([])).toEqual([]);
  });
});
