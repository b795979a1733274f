/** @file How a run reports where it is: one shape for every kind of reward model and every phase. */

/** Where a run is. */
export interface RunProgress {
  /** What is being done, in one or two words: `read`, `train`, `validate`. */
  readonly phase: string;
  readonly step: number;
  readonly totalSteps: number;
  /** Training loss, nats. */
  readonly loss?: number;
  /** Share of training pairs ordered rightly. */
  readonly accuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly tokensPerSecond?: number;
  readonly secondsLeft?: number;
}

export type OnProgress = (progress: RunProgress) => void;

/** A point of the learning curve; each kind of model adds what it measures. */
export interface TrainingRecord {
  readonly step: number;
  readonly loss: number;
  readonly accuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
}

/** Something that a person should know about a result that was nevertheless made. */
export interface Warning {
  readonly code:
    | 'canary_failed'
    | 'evaluated_on_training_data'
    | 'many_rejects'
    | 'not_above_length'
    | 'shared_training_source';
  readonly message: string;
}
