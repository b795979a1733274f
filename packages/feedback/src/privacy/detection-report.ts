/** @file How well a detector finds labelled entities: precision and recall for each type and over all. */
import type { Detector } from './detector.ts';
import type { LabelledText } from './fixture/privacy-fixture.ts';

export interface TypeDetection {
  readonly type: string;
  /** Entities that the labels have. */
  readonly labelled: number;
  /** Entities that the detector reported. */
  readonly reported: number;
  /** Reported with the type and the very characters of a label. */
  readonly right: number;
  /** Share of the reported that are right; absent where none was reported. */
  readonly precision?: number;
  /** Share of the labelled that were reported; absent where there is none. */
  readonly recall?: number;
  /** Share of the labelled of which every character was covered, whatever the type: what matters for scrubbing. */
  readonly covered?: number;
}

export interface DetectionReport {
  readonly texts: number;
  readonly overall: TypeDetection;
  /** By name of the type; a type that is only labelled or only reported is there too. */
  readonly types: readonly TypeDetection[];
}

/**
 * A detector against labels. A finding counts only with the exact characters and type of a label, so an entity that is
 * found as another type counts against both.
 *
 * @example detectionReport(privacyFixture({ seed: 1, set: 'evaluation' }), createDetector()).overall.recall
 */
export const detectionReport = (texts: readonly LabelledText[], detector: Detector): DetectionReport => {
  const counts = new Map<string, { labelled: number; reported: number; right: number; covered: number }>();
  const count = (type: string) => {
    const known = counts.get(type) ?? { labelled: 0, reported: 0, right: 0, covered: 0 };
    counts.set(type, known);
    return known;
  };
  for (const { text, entities } of texts) {
    const found = detector.scan(text);
    for (const { type } of found) count(type).reported++;
    for (const { type, start, end } of entities) {
      const tally = count(type);
      tally.labelled++;
      if (found.some((other) => other.type === type && other.start === start && other.end === end))
        tally.right++;
      if (found.some((other) => other.start <= start && other.end >= end)) tally.covered++;
    }
  }
  const all = [...counts.values()];
  const total = (of: 'labelled' | 'reported' | 'right' | 'covered'): number =>
    all.reduce((sum, tally) => sum + tally[of], 0);
  return {
    texts: texts.length,
    overall: shares('all', {
      labelled: total('labelled'),
      reported: total('reported'),
      right: total('right'),
      covered: total('covered'),
    }),
    types: [...counts].map(([type, tally]) => shares(type, tally)).sort((a, b) => (a.type < b.type ? -1 : 1)),
  };
};

const shares = (
  type: string,
  {
    labelled,
    reported,
    right,
    covered,
  }: { labelled: number; reported: number; right: number; covered: number },
): TypeDetection => ({
  type,
  labelled,
  reported,
  right,
  ...(reported > 0 && { precision: right / reported }),
  ...(labelled > 0 && { recall: right / labelled, covered: covered / labelled }),
});
