/** @file What one annotator said of one unit: the shape in which agreement and annotator models take judgements. */

/** One annotator's value for one unit. A unit is anything that several people can judge: a pair of responses, a response. */
export interface AnnotatorValue {
  readonly unit: string;
  readonly annotator: string;
  /** A class, or a number on a scale. The number 1 and the text '1' are two classes. */
  readonly value: string | number;
  /** Units that share a cluster (all pairs of one prompt) are resampled together; absent, the unit stands alone. */
  readonly cluster?: string;
}
