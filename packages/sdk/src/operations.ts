/** @file Every operation of the HTTP API. Made by scripts/generate-sdk.ts from the server's routes. */

export interface Operations {
  /** Use an invitation: with a new account, or with the one that is signed in. */
  acceptInvitation: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly token: string;
      readonly account?: { readonly email: string; readonly name: string; readonly password: string };
    };
    readonly result: {
      readonly actor: string;
      readonly id: string | null;
      readonly name: string;
      readonly email: string | null;
      readonly administrator: boolean;
      readonly projects: readonly {
        readonly project: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      }[];
    };
  };
  /** Say that somebody looks after it: it is not told again. */
  acknowledgeIncident: {
    readonly params: { readonly project: string; readonly incident: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly kind: string;
      readonly severity: number;
      readonly title: string;
      readonly deployment: string | null;
      readonly details: Readonly<Record<string, unknown>>;
      readonly state: 'open' | 'acknowledged' | 'resolved';
      readonly openedAt: unknown;
      readonly acknowledgedAt: unknown | null;
      readonly acknowledgedBy: string | null;
      readonly resolvedAt: unknown | null;
      readonly resolution: string | null;
    };
  };
  /** Every check of the annotators of a data set. */
  annotatorHealth: {
    readonly params: { readonly project: string };
    readonly query?: { readonly dataset: string };
    readonly body: undefined;
    readonly result: {
      readonly annotators: readonly {
        readonly annotator: string;
        readonly judgements: number;
        readonly pause: boolean;
        readonly concerns: readonly {
          readonly concern: string;
          readonly criterion?: string;
          readonly of?: string;
        }[];
        readonly gold?: {
          readonly checked: number;
          readonly right: number;
          readonly accuracy: number;
          readonly interval: readonly [number, number];
          readonly eValue: number;
          readonly pause: boolean;
        };
        readonly attention?: {
          readonly checked: number;
          readonly right: number;
          readonly accuracy: number;
          readonly interval: readonly [number, number];
          readonly eValue: number;
          readonly pause: boolean;
        };
        readonly speed?: {
          readonly timed: number;
          readonly medianSeconds: number;
          readonly tooFast: number;
          readonly tooSlow: number;
        };
        readonly sides?: {
          readonly decided: number;
          readonly first: number;
          readonly interval: readonly [number, number];
          readonly pValue: number;
        };
        readonly run?: { readonly answers: number; readonly length: number; readonly pValue: number };
      }[];
      readonly setAside: Readonly<Record<string, number>>;
    };
  };
  /** Answers what was shown; the same answer sent again changes nothing. */
  answerLabellingItem: {
    readonly params: { readonly project: string; readonly assignment: string };
    readonly query: undefined;
    readonly body: {
      readonly answer:
        | {
            readonly kind: 'pairwise';
            readonly outcome: 'first' | 'second' | 'tie' | 'both_bad';
            readonly strength?: 'slightly' | 'clearly' | 'much';
          }
        | {
            readonly kind: 'criteria';
            readonly comparisons: Readonly<
              Record<
                string,
                {
                  readonly outcome: 'first' | 'second' | 'tie' | 'both_bad';
                  readonly strength?: 'slightly' | 'clearly' | 'much';
                }
              >
            >;
          }
        | { readonly kind: 'ranking'; readonly groups: readonly (readonly number[])[] }
        | { readonly kind: 'rating'; readonly values: Readonly<Record<string, number>> }
        | { readonly kind: 'edit'; readonly rewrite: string }
        | { readonly kind: 'steps'; readonly labels: readonly (boolean | null)[] };
      readonly seconds: number;
    };
    readonly result: undefined;
  };
  /** Approve a bundle that somebody else made. */
  approveBundle: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: { readonly reason: string };
    readonly result: undefined;
  };
  /** Say which arm a unit is in, and put on record that it was shown. */
  assignUnit: {
    readonly params: { readonly project: string; readonly experiment: string };
    readonly query: undefined;
    readonly body: {
      readonly unit: string;
      readonly covariate?: number;
      readonly segments?: Readonly<Record<string, string>>;
    };
    readonly result: { readonly arm: string; readonly deployment: string | null };
  };
  /** Chooses the best of given responses, or of n that the deployed policy writes. */
  bestOfN: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly model?: string;
      readonly mode?: 'fast' | 'thorough' | 'auto';
      readonly latency_budget_ms?: number;
      readonly truncation?: 'error' | 'left' | 'right';
      readonly user?: string;
      readonly max_tokens?: number;
      readonly temperature?: number;
      readonly top_p?: number;
      readonly top_k?: number;
      readonly min_p?: number;
      readonly repetition_penalty?: number;
      readonly stop?: readonly string[];
      readonly seed?: number;
      readonly prompt:
        | string
        | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
      readonly responses?: readonly string[];
      readonly n?: number;
      readonly segments?: Readonly<Record<string, string>>;
    };
    readonly result: {
      readonly id: string;
      readonly created: number;
      readonly model: string;
      readonly revision: number | null;
      readonly arm: 'production' | 'canary' | 'shadow';
      readonly bundle: string | null;
      readonly activation: 'none';
      readonly score_space: 'within_prompt';
      readonly usage: {
        readonly prompt_tokens: number | null;
        readonly total_tokens: number | null;
        readonly responses: number;
        readonly cached_responses: number;
      };
      readonly timing: {
        readonly total_ms: number;
        readonly queue_ms: number;
        readonly inference_ms: number;
        readonly batch_size: number;
      };
      readonly model_version: string;
      readonly kind: string;
      readonly formatting_digest: string | null;
      readonly mode: 'fast' | 'thorough';
      readonly escalation?: 'sure' | 'unsure' | 'no_time' | 'no_room' | 'failed' | 'no_proxy';
      readonly cached: boolean;
      readonly object: 'best_of_n';
      readonly n: number;
      readonly policy_version: string | null;
      readonly best: {
        readonly index: number;
        readonly score: number;
        readonly normalised: number;
        readonly probability: number | null;
        readonly uncertainty: number | null;
        readonly objectives: Readonly<Record<string, number>>;
        readonly steps?: readonly number[];
        readonly parts?: readonly {
          readonly name: string;
          readonly value: number;
          readonly contribution: number;
        }[];
        readonly violations?: readonly string[];
        readonly tokens: number | null;
        readonly truncated: boolean | null;
        readonly guard?: {
          readonly action: 'allow' | 'review' | 'block';
          readonly reasons: readonly {
            readonly reason: string;
            readonly action: 'mark' | 'review' | 'block';
          }[];
        };
        readonly rank: number;
        readonly lead: number | null;
        readonly probability_over_next: number | null;
        readonly ended?: 'end' | 'stop' | 'length';
        readonly log_probability?: number;
        readonly response: string;
      } | null;
      readonly refusal: string | null;
      readonly candidates: readonly {
        readonly index: number;
        readonly score: number;
        readonly normalised: number;
        readonly probability: number | null;
        readonly uncertainty: number | null;
        readonly objectives: Readonly<Record<string, number>>;
        readonly steps?: readonly number[];
        readonly parts?: readonly {
          readonly name: string;
          readonly value: number;
          readonly contribution: number;
        }[];
        readonly violations?: readonly string[];
        readonly tokens: number | null;
        readonly truncated: boolean | null;
        readonly guard?: {
          readonly action: 'allow' | 'review' | 'block';
          readonly reasons: readonly {
            readonly reason: string;
            readonly action: 'mark' | 'review' | 'block';
          }[];
        };
        readonly rank: number;
        readonly lead: number | null;
        readonly probability_over_next: number | null;
        readonly ended?: 'end' | 'stop' | 'length';
        readonly log_probability?: number;
        readonly response: string | null;
        readonly finish_reason?: 'content_filter';
        readonly review?: string;
      }[];
      readonly kl_bound: number;
    };
  };
  /** Stop a run. What it has learned stays in its checkpoints, if it has any. */
  cancelRun: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly kind: string;
      readonly state: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
      readonly parent: string | null;
      readonly config: Readonly<Record<string, unknown>>;
      readonly tags: Readonly<Record<string, string>>;
      readonly error: string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly endedAt: string | null;
      readonly deletedAt: string | null;
      readonly taintedBy: string | null;
    };
  };
  /** Watch it in another way. */
  changeAlertRule: {
    readonly params: { readonly project: string; readonly rule: string };
    readonly query: undefined;
    readonly body: {
      readonly deployment: string;
      readonly measure:
        | { readonly of: 'mean reward' }
        | { readonly of: 'reward psi' | 'reward wasserstein' | 'length wasserstein' | 'prompt auc' }
        | { readonly of: 'segment distance'; readonly segment: string }
        | {
            readonly of:
              | 'incident rate'
              | 'incident excess'
              | 'failure rate'
              | 'refusal rate'
              | 'truncation rate'
              | 'saturation';
          }
        | { readonly of: 'length correlation' | 'repetition' | 'shadow flip rate' }
        | { readonly of: 'human agreement' | 'annotators with concerns'; readonly dataset: string }
        | {
            readonly of: 'error budget';
            readonly objective: number;
            readonly bad?: 'failures' | 'incidents' | 'low rewards' | 'slow';
            readonly bound?: number;
          };
      readonly window?: number;
      readonly reference?: { readonly from: string; readonly to: string } | { readonly minutes: number };
      readonly above?: number;
      readonly below?: number;
      readonly sure?: boolean;
      readonly for?: number;
      readonly noData?: 'alert' | 'keep' | 'ok';
      readonly severity?: 1 | 2 | 3 | 4;
      readonly channels?: readonly (
        | { readonly to: 'webhook'; readonly url: string }
        | { readonly to: 'email'; readonly address: string }
      )[];
      readonly repeat?: number;
    };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly rule: Readonly<Record<string, unknown>>;
      readonly state: {
        readonly condition: 'ok' | 'pending' | 'firing' | 'no data';
        readonly since: number;
        readonly at: number;
        readonly value: number | null;
        readonly n: number;
        readonly incident: string | null;
        readonly told: number | null;
      };
      readonly silencedUntil: unknown | null;
      readonly createdBy: string;
      readonly createdAt: unknown;
    };
  };
  /** Change the own name. */
  changeMe: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly name: string };
    readonly result: {
      readonly actor: string;
      readonly id: string | null;
      readonly name: string;
      readonly email: string | null;
      readonly administrator: boolean;
      readonly projects: readonly {
        readonly project: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      }[];
    };
  };
  /** Give a member another role. */
  changeMember: {
    readonly params: { readonly user: string; readonly project: string };
    readonly query: undefined;
    readonly body: { readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer' };
    readonly result: undefined;
  };
  /** Change the own password; all other sessions end. */
  changePassword: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly current: string; readonly password: string };
    readonly result: undefined;
  };
  /** Change settings one by one; null takes one away. */
  changeSettings: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly fourEyes?: boolean | null;
      readonly parityTolerance?: number | null;
      readonly observationDays?: number | null;
      readonly impressionDays?: number | null;
      readonly personalData?: ('off' | 'mark' | 'replace') | null;
    };
    readonly result: {
      readonly settings: {
        readonly fourEyes?: boolean;
        readonly parityTolerance?: number;
        readonly observationDays?: number;
        readonly impressionDays?: number;
        readonly personalData?: 'off' | 'mark' | 'replace';
      };
    };
  };
  /** Load a bundle and compare what it says now with its golden scores. */
  checkBundleParity: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly passed: boolean;
      readonly items: number;
      readonly erased: number;
      readonly largest: number;
      readonly tolerance: number;
      readonly sameFormatting: boolean;
    };
  };
  /** Say what guardrails would do; nothing is kept. */
  checkGuardrails: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly bundle?: string;
      readonly settings?: {
        readonly rules?: readonly {
          readonly name: string;
          readonly in?: 'prompt' | 'response' | 'either';
          readonly pattern: string;
          readonly flags?: string;
          readonly action?: 'mark' | 'review' | 'block';
        }[];
        readonly domains?: Readonly<Record<string, 'mark' | 'review' | 'block'>>;
        readonly toxicity?: 'mark' | 'review' | 'block';
        readonly uncovered?: 'mark' | 'review' | 'block';
        readonly objectives?: readonly {
          readonly objective: string;
          readonly least: number;
          readonly action?: 'mark' | 'review' | 'block';
        }[];
        readonly violations?: 'mark' | 'review' | 'block';
        readonly unscored?: 'mark' | 'review' | 'block';
        readonly blockedMessage?: string;
        readonly heldMessage?: string;
      };
      readonly prompt: readonly {
        readonly role: 'system' | 'user' | 'assistant' | 'tool';
        readonly content: string;
      }[];
      readonly response: string;
      readonly score?: {
        readonly perObjective: Readonly<Record<string, number>>;
        readonly violations?: readonly string[];
      };
    };
    readonly result: {
      readonly action: 'allow' | 'review' | 'block';
      readonly reasons: readonly { readonly reason: string; readonly action: 'mark' | 'review' | 'block' }[];
    };
  };
  /** Runs side by side: settings that differ, and the last value of each metric. */
  compareRuns: {
    readonly params: { readonly project: string };
    readonly query?: { readonly run: readonly string[] };
    readonly body: undefined;
    readonly result: {
      readonly runs: readonly {
        readonly id: string;
        readonly name: string;
        readonly kind: string;
        readonly state: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
        readonly createdAt: string;
      }[];
      readonly settings: Readonly<Record<string, readonly unknown[]>>;
      readonly metrics: Readonly<
        Record<string, readonly ((number | ('NaN' | 'Infinity' | '-Infinity')) | null)[]>
      >;
    };
  };
  /** What the shadow says of the responses that production scored. */
  compareShadow: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: { readonly from: string; readonly to: string; readonly thresholds?: string };
    readonly body: undefined;
    readonly result: {
      readonly comparison:
        | {
            readonly enough: true;
            readonly n: number;
            readonly pearson: number | null;
            readonly spearman: number | null;
            readonly psiOfZ: number;
            readonly flips:
              | {
                  readonly enough: true;
                  readonly n: number;
                  readonly rate: number;
                  readonly interval: readonly [number, number];
                  readonly flips: number;
                  readonly undecided: number;
                }
              | { readonly enough: false; readonly n: number; readonly needed: number };
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly unscored: number;
      readonly segments: readonly {
        readonly segment: string;
        readonly value: string;
        readonly n: number;
        readonly shift: number;
      }[];
      readonly thresholds: readonly {
        readonly from: number;
        readonly to:
          | {
              readonly enough: true;
              readonly n: number;
              readonly threshold: number;
              readonly interval: readonly [number, number];
              readonly share: number;
              readonly outside: boolean;
            }
          | { readonly enough: false; readonly n: number; readonly needed: number };
      }[];
      readonly slowest: { readonly production: number | null; readonly shadow: number | null };
    };
  };
  /** Watch something. */
  createAlertRule: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly name: string;
      readonly rule: {
        readonly deployment: string;
        readonly measure:
          | { readonly of: 'mean reward' }
          | { readonly of: 'reward psi' | 'reward wasserstein' | 'length wasserstein' | 'prompt auc' }
          | { readonly of: 'segment distance'; readonly segment: string }
          | {
              readonly of:
                | 'incident rate'
                | 'incident excess'
                | 'failure rate'
                | 'refusal rate'
                | 'truncation rate'
                | 'saturation';
            }
          | { readonly of: 'length correlation' | 'repetition' | 'shadow flip rate' }
          | { readonly of: 'human agreement' | 'annotators with concerns'; readonly dataset: string }
          | {
              readonly of: 'error budget';
              readonly objective: number;
              readonly bad?: 'failures' | 'incidents' | 'low rewards' | 'slow';
              readonly bound?: number;
            };
        readonly window?: number;
        readonly reference?: { readonly from: string; readonly to: string } | { readonly minutes: number };
        readonly above?: number;
        readonly below?: number;
        readonly sure?: boolean;
        readonly for?: number;
        readonly noData?: 'alert' | 'keep' | 'ok';
        readonly severity?: 1 | 2 | 3 | 4;
        readonly channels?: readonly (
          | { readonly to: 'webhook'; readonly url: string }
          | { readonly to: 'email'; readonly address: string }
        )[];
        readonly repeat?: number;
      };
    };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly rule: Readonly<Record<string, unknown>>;
      readonly state: {
        readonly condition: 'ok' | 'pending' | 'firing' | 'no data';
        readonly since: number;
        readonly at: number;
        readonly value: number | null;
        readonly n: number;
        readonly incident: string | null;
        readonly told: number | null;
      };
      readonly silencedUntil: unknown | null;
      readonly createdBy: string;
      readonly createdAt: unknown;
    };
  };
  /** Make the next version of a bundle, a draft. */
  createBundle: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly name: string;
      readonly rewardModel: string;
      readonly policy?: string;
      readonly reference?: string;
      readonly normaliser?: Readonly<Record<string, unknown>>;
      readonly guardrails?: {
        readonly rules?: readonly {
          readonly name: string;
          readonly in?: 'prompt' | 'response' | 'either';
          readonly pattern: string;
          readonly flags?: string;
          readonly action?: 'mark' | 'review' | 'block';
        }[];
        readonly domains?: Readonly<Record<string, 'mark' | 'review' | 'block'>>;
        readonly toxicity?: 'mark' | 'review' | 'block';
        readonly uncovered?: 'mark' | 'review' | 'block';
        readonly objectives?: readonly {
          readonly objective: string;
          readonly least: number;
          readonly action?: 'mark' | 'review' | 'block';
        }[];
        readonly violations?: 'mark' | 'review' | 'block';
        readonly unscored?: 'mark' | 'review' | 'block';
        readonly blockedMessage?: string;
        readonly heldMessage?: string;
      };
    };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly version: number;
      readonly state: 'draft' | 'evaluated' | 'shadow' | 'canary' | 'production' | 'retired' | 'rolled_back';
      readonly rewardModel: string;
      readonly policy: string | null;
      readonly reference: string | null;
      readonly normaliser: Readonly<Record<string, unknown>>;
      readonly guardrails: Readonly<Record<string, unknown>>;
      readonly createdBy: string;
      readonly createdAt: unknown;
      readonly updatedAt: unknown;
      readonly taintedBy: string | null;
    };
  };
  /** Make an empty data set. */
  createDataset: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: { readonly name: string; readonly description?: string };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly description: string;
      readonly rows: number;
      readonly createdAt: string;
    };
  };
  /** Draft an experiment. */
  createExperiment: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly name: string;
      readonly plan: {
        readonly arms: readonly {
          readonly name: string;
          readonly share?: number;
          readonly deployment?: string;
        }[];
        readonly control?: string;
        readonly primary: {
          readonly name: string;
          readonly better?: 'up' | 'down';
          readonly covariate?: boolean;
        };
        readonly secondary?: readonly {
          readonly name: string;
          readonly better?: 'up' | 'down';
          readonly covariate?: boolean;
        }[];
        readonly segments?: readonly string[];
        readonly alpha?: number;
        readonly units?: number;
        readonly duels?: { readonly dataset: string };
      };
    };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly state: 'draft' | 'running' | 'stopped';
      readonly plan: Readonly<Record<string, unknown>>;
      readonly conclusion: Readonly<Record<string, unknown>> | null;
      readonly createdAt: unknown;
      readonly startedAt: unknown | null;
      readonly endedAt: unknown | null;
    };
  };
  /** Make a key for a program. The secret is shown this once. */
  createKey: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly name: string;
      readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
    };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly start: string;
      readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      readonly createdBy: string;
      readonly createdAt: string;
      readonly revokedAt: string | null;
      readonly key: string;
    };
  };
  /** Makes a labelling task of prompts with responses. */
  createLabellingTask: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly name: string;
      readonly kind: 'pairwise' | 'ranking' | 'rating' | 'edit' | 'steps';
      readonly asks?: 'overall' | 'criteria';
      readonly rubric?:
        | {
            readonly name: string;
            readonly guideline: string;
            readonly criteria: readonly {
              readonly name: string;
              readonly description?: string;
              readonly scale: { readonly least: number; readonly most: number };
              readonly weight?: number;
              readonly examples?: readonly {
                readonly title?: string;
                readonly prompt?: string;
                readonly response?: string;
                readonly value: number | string;
                readonly because: string;
              }[];
            }[];
          }
        | { readonly name: string; readonly version?: number };
      readonly dataset?: string;
      readonly redundancy?: number;
      readonly annotators?: readonly string[];
      readonly items?: readonly {
        readonly prompt:
          | string
          | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
        readonly responses: readonly string[];
        readonly language?: string;
        readonly segments?: Readonly<Record<string, string>>;
      }[];
      readonly prompts?: readonly string[];
      readonly snapshot?: string;
      readonly take?: number;
      readonly order?: 'uniform' | 'entropy';
      readonly encoder?: string;
      readonly uniformShare?: number;
      readonly control?: number;
      readonly gold?: readonly {
        readonly prompt:
          | string
          | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
        readonly responses: readonly string[];
        readonly language?: string;
        readonly segments?: Readonly<Record<string, string>>;
        readonly right:
          | ('a' | 'b' | 'tie' | 'both_bad')
          | readonly (readonly number[])[]
          | readonly (boolean | null)[]
          | Readonly<Record<string, number | ('a' | 'b' | 'tie' | 'both_bad')>>;
      }[];
      readonly goldShare?: number;
      readonly attention?: readonly {
        readonly prompt:
          | string
          | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
        readonly responses: readonly string[];
        readonly language?: string;
        readonly segments?: Readonly<Record<string, string>>;
        readonly right:
          | ('a' | 'b' | 'tie' | 'both_bad')
          | readonly (readonly number[])[]
          | readonly (boolean | null)[]
          | Readonly<Record<string, number | ('a' | 'b' | 'tie' | 'both_bad')>>;
      }[];
      readonly attentionShare?: number;
      readonly goldBar?: number;
    };
    readonly result: { readonly id: string };
  };
  /** Make a project. */
  createProject: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly name: string };
    readonly result: { readonly name: string };
  };
  /** Fix what data sets hold now. The same rows are the same snapshot. */
  createSnapshot: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly datasets: readonly string[];
      readonly imports?: readonly string[];
      readonly sources?: readonly string[];
      readonly kinds?: readonly ('comparison' | 'ranking' | 'rating' | 'label' | 'edit' | 'steps')[];
      readonly criteria?: readonly string[];
      readonly languages?: readonly string[];
      readonly parent?: string;
      readonly rubric?: string;
      readonly tag?: string;
    };
    readonly result: {
      readonly id: string;
      readonly number: number;
      readonly rows: number;
      readonly query: {
        readonly datasets: readonly string[];
        readonly imports?: readonly string[];
        readonly sources?: readonly string[];
        readonly kinds?: readonly string[];
        readonly criteria?: readonly string[];
        readonly languages?: readonly string[];
      };
      readonly parent: string | null;
      readonly rubric: string | null;
      readonly erasedRows: number;
      readonly successor: string | null;
      readonly createdAt: string;
      readonly tags: readonly string[];
      readonly blocking: readonly string[] | null;
    };
  };
  /** Decides on an item on which annotators differ. */
  decideLabellingItem: {
    readonly params: { readonly project: string; readonly item: string };
    readonly query: undefined;
    readonly body: {
      readonly answer:
        | {
            readonly kind: 'pairwise';
            readonly outcome: 'first' | 'second' | 'tie' | 'both_bad';
            readonly strength?: 'slightly' | 'clearly' | 'much';
          }
        | {
            readonly kind: 'criteria';
            readonly comparisons: Readonly<
              Record<
                string,
                {
                  readonly outcome: 'first' | 'second' | 'tie' | 'both_bad';
                  readonly strength?: 'slightly' | 'clearly' | 'much';
                }
              >
            >;
          }
        | { readonly kind: 'ranking'; readonly groups: readonly (readonly number[])[] }
        | { readonly kind: 'rating'; readonly values: Readonly<Record<string, number>> }
        | { readonly kind: 'edit'; readonly rewrite: string }
        | { readonly kind: 'steps'; readonly labels: readonly (boolean | null)[] };
      readonly reason?: string;
    };
    readonly result: undefined;
  };
  /** Allow or block it; the decision becomes a judgement. */
  decideReview: {
    readonly params: { readonly project: string; readonly review: string };
    readonly query: undefined;
    readonly body: { readonly decision: 'allow' | 'block' };
    readonly result: {
      readonly id: string;
      readonly deployment: string | null;
      readonly reasons: readonly string[];
      readonly state: 'open' | 'decided';
      readonly decision: ('allow' | 'block') | null;
      readonly judgement: string | null;
      readonly actor: string | null;
      readonly openedAt: unknown;
      readonly decidedAt: unknown | null;
    };
  };
  /** Delete the files of a model that nobody needs; what it was stays on record. */
  deleteModel: {
    readonly params: { readonly model: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Hide a run; nothing is lost. */
  deleteRun: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Every change of what serves under a name, the newest first. */
  deploymentHistory: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: { readonly limit?: number };
    readonly body: undefined;
    readonly result: {
      readonly revisions: readonly {
        readonly name: string;
        readonly revision: number;
        readonly bundle: string | null;
        readonly shadow: string | null;
        readonly canary: string | null;
        readonly canaryShare: number;
        readonly actor: string;
        readonly reason: string;
        readonly evidence: Readonly<Record<string, unknown>>;
        readonly createdAt: unknown;
      }[];
    };
  };
  /** What changed from one snapshot to another, row by row. */
  diffSnapshots: {
    readonly params: { readonly snapshot: string; readonly to: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly from: string;
      readonly to: string;
      readonly unchanged: number;
      readonly counts: {
        readonly added: number;
        readonly removed: number;
        readonly relabelled: number;
        readonly restated: number;
      };
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly relabelled: readonly { readonly before: string; readonly after: string }[];
      readonly restated: readonly { readonly before: string; readonly after: string }[];
    };
  };
  /** How far inputs, features and scores have moved from a reference window. */
  drift: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: {
      readonly from: string;
      readonly to: string;
      readonly referenceFrom: string;
      readonly referenceTo: string;
    };
    readonly body: undefined;
    readonly result: {
      readonly reward:
        | {
            readonly enough: true;
            readonly n: number;
            readonly psi: number;
            readonly ks: number;
            readonly ksPValue: number;
            readonly wasserstein: number | null;
            readonly shift: number | null;
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly length:
        | {
            readonly enough: true;
            readonly n: number;
            readonly psi: number;
            readonly ks: number;
            readonly ksPValue: number;
            readonly wasserstein: number | null;
            readonly shift: number | null;
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly repetition:
        | {
            readonly enough: true;
            readonly n: number;
            readonly psi: number;
            readonly ks: number;
            readonly ksPValue: number;
            readonly wasserstein: number | null;
            readonly shift: number | null;
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly uncertainty:
        | {
            readonly enough: true;
            readonly n: number;
            readonly psi: number;
            readonly ks: number;
            readonly ksPValue: number;
            readonly wasserstein: number | null;
            readonly shift: number | null;
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly segments: Readonly<
        Record<
          string,
          | {
              readonly enough: true;
              readonly n: number;
              readonly psi: number;
              readonly jensenShannon: number;
              readonly furthest: { readonly category: string; readonly change: number };
            }
          | { readonly enough: false; readonly n: number; readonly needed: number }
        >
      >;
      readonly prompts:
        | { readonly enough: true; readonly n: number; readonly auc: number; readonly pValue: number }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly sameBundles: boolean;
      readonly rows: { readonly reference: number; readonly current: number };
      readonly distributions: {
        readonly reward: {
          readonly edges: readonly number[];
          readonly reference: readonly number[];
          readonly current: readonly number[];
        } | null;
        readonly length: {
          readonly edges: readonly number[];
          readonly reference: readonly number[];
          readonly current: readonly number[];
        } | null;
        readonly repetition: {
          readonly edges: readonly number[];
          readonly reference: readonly number[];
          readonly current: readonly number[];
        } | null;
        readonly uncertainty: {
          readonly edges: readonly number[];
          readonly reference: readonly number[];
          readonly current: readonly number[];
        } | null;
      };
    };
  };
  /** Sign out everywhere else. */
  endOtherSessions: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Erase a person: their rows and keys, and name what was trained on these. */
  erasePerson: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: { readonly subject: string; readonly reason?: string };
    readonly result: {
      readonly id: string;
      readonly subjectDigests: readonly string[];
      readonly actor: string;
      readonly reason: string;
      readonly at: string;
      readonly judgements: number;
      readonly prompts: number;
      readonly responses: number;
      readonly annotators: number;
      readonly impressions: number;
      readonly vaultEntries: number;
      readonly vaultKeys: number;
      readonly assignments: number;
      readonly datasets: readonly { readonly name: string; readonly rows: number }[];
      readonly snapshots: readonly {
        readonly id: string;
        readonly rows: number;
        readonly erased: number;
        readonly successor: string | null;
      }[];
      readonly tags: readonly { readonly name: string; readonly from: string; readonly to: string | null }[];
      readonly runs: readonly string[];
      readonly models: readonly string[];
      readonly bundles: readonly string[];
      readonly deployments: readonly string[];
    };
  };
  /** How fast the error budget is spent, by pairs of windows. */
  errorBudget: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: { readonly objective?: number; readonly bad?: 'failures' | 'incidents' };
    readonly body: undefined;
    readonly result:
      | {
          readonly enough: true;
          readonly n: number;
          readonly pairs: readonly {
            readonly name: string;
            readonly urgency: 'page' | 'ticket';
            readonly long: number;
            readonly short: number;
            readonly burn: number;
            readonly longBurn: number | null;
            readonly shortBurn: number | null;
            readonly firing: boolean;
          }[];
          readonly urgency: 'page' | 'ticket' | 'none';
        }
      | { readonly enough: false; readonly n: number; readonly needed: number };
  };
  /** Score a sample of the comparisons of a snapshot, and put on record how often people agree. */
  evaluateBundle: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: { readonly snapshot: string; readonly limit?: number };
    readonly result: {
      readonly snapshot: string;
      readonly comparisons: number;
      readonly accuracy: number;
      readonly interval: readonly [number, number];
      readonly alsoTrainedOn: number;
    };
  };
  /** How many units it takes to see an effect. */
  experimentSize: {
    readonly params: { readonly project: string };
    readonly query?: {
      readonly effect: number;
      readonly arms?: number;
      readonly alpha?: number;
      readonly power?: number;
      readonly correlation?: number;
    };
    readonly body: undefined;
    readonly result: { readonly units: number; readonly lookedAtOnce: number };
  };
  /** A snapshot as a file. The header plaudit-export says what the format could not hold. */
  exportSnapshot: {
    readonly params: { readonly snapshot: string; readonly project: string };
    readonly query?: {
      readonly format?:
        | 'plaudit'
        | 'trl-preference'
        | 'trl-unpaired'
        | 'trl-stepwise'
        | 'trl-prompt-only'
        | 'hh'
        | 'arena'
        | 'alpacaeval'
        | 'llama-factory'
        | 'llama-factory-kto'
        | 'openrlhf'
        | 'openrlhf-kto'
        | 'ratings';
      readonly container?:
        | 'jsonl'
        | 'json'
        | 'csv'
        | 'parquet'
        | 'jsonl.gz'
        | 'csv.gz'
        | 'jsonl.zst'
        | 'csv.zst';
    };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** A bundle, what is on record of it, and where it serves. */
  getBundle: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly bundle: {
        readonly id: string;
        readonly name: string;
        readonly version: number;
        readonly state:
          | 'draft'
          | 'evaluated'
          | 'shadow'
          | 'canary'
          | 'production'
          | 'retired'
          | 'rolled_back';
        readonly rewardModel: string;
        readonly policy: string | null;
        readonly reference: string | null;
        readonly normaliser: Readonly<Record<string, unknown>>;
        readonly guardrails: Readonly<Record<string, unknown>>;
        readonly createdBy: string;
        readonly createdAt: unknown;
        readonly updatedAt: unknown;
        readonly taintedBy: string | null;
      };
      readonly records: readonly {
        readonly id: string;
        readonly kind: 'golden' | 'parity' | 'evaluation' | 'approval';
        readonly actor: string;
        readonly document: Readonly<Record<string, unknown>>;
        readonly createdAt: unknown;
      }[];
      readonly deployments: readonly string[];
    };
  };
  /** The card of a bundle as Markdown. */
  getBundleCard: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: { readonly markdown: string };
  };
  /** One data set. */
  getDataset: {
    readonly params: { readonly dataset: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly description: string;
      readonly rows: number;
      readonly createdAt: string;
    };
  };
  /** What serves under a name, now or at a time. */
  getDeployment: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: { readonly asOf?: string };
    readonly body: undefined;
    readonly result: {
      readonly name: string;
      readonly revision: number;
      readonly bundle: string | null;
      readonly shadow: string | null;
      readonly canary: string | null;
      readonly canaryShare: number;
      readonly actor: string;
      readonly reason: string;
      readonly evidence: Readonly<Record<string, unknown>>;
      readonly createdAt: unknown;
    };
  };
  /** An experiment. */
  getExperiment: {
    readonly params: { readonly project: string; readonly experiment: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly state: 'draft' | 'running' | 'stopped';
      readonly plan: Readonly<Record<string, unknown>>;
      readonly conclusion: Readonly<Record<string, unknown>> | null;
      readonly createdAt: unknown;
      readonly startedAt: unknown | null;
      readonly endedAt: unknown | null;
    };
  };
  /** The quality gates of a snapshot with their reasons; checked now where nobody has asked yet. */
  getGates: {
    readonly params: { readonly snapshot: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly version: 1;
      readonly judgements: number;
      readonly kinds: Readonly<Record<string, number>>;
      readonly sources: readonly string[];
      readonly sourcesInAll: number;
      readonly verdict: 'pass' | 'warn' | 'fail' | 'not_applicable';
      readonly blocking: readonly (
        | 'size'
        | 'empty-texts'
        | 'long-texts'
        | 'one-sided-outcomes'
        | 'dominant-annotator'
        | 'contradictions'
        | 'self-disagreement'
        | 'preference-cycles'
        | 'label-noise'
        | 'duplicate-rows'
        | 'near-duplicate-prompts'
        | 'leakage'
        | 'contamination'
        | 'length-bias'
        | 'position-bias'
        | 'style-bias'
        | 'agreement'
        | 'fairness'
        | 'coverage'
        | 'target-shares'
        | 'language'
        | 'answer-language'
        | 'toxicity'
        | 'sensitive-domains'
        | 'privacy'
      )[];
      readonly unchecked: readonly (
        | 'size'
        | 'empty-texts'
        | 'long-texts'
        | 'one-sided-outcomes'
        | 'dominant-annotator'
        | 'contradictions'
        | 'self-disagreement'
        | 'preference-cycles'
        | 'label-noise'
        | 'duplicate-rows'
        | 'near-duplicate-prompts'
        | 'leakage'
        | 'contamination'
        | 'length-bias'
        | 'position-bias'
        | 'style-bias'
        | 'agreement'
        | 'fairness'
        | 'coverage'
        | 'target-shares'
        | 'language'
        | 'answer-language'
        | 'toxicity'
        | 'sensitive-domains'
        | 'privacy'
      )[];
      readonly gates: readonly {
        readonly name:
          | 'size'
          | 'empty-texts'
          | 'long-texts'
          | 'one-sided-outcomes'
          | 'dominant-annotator'
          | 'contradictions'
          | 'self-disagreement'
          | 'preference-cycles'
          | 'label-noise'
          | 'duplicate-rows'
          | 'near-duplicate-prompts'
          | 'leakage'
          | 'contamination'
          | 'length-bias'
          | 'position-bias'
          | 'style-bias'
          | 'agreement'
          | 'fairness'
          | 'coverage'
          | 'target-shares'
          | 'language'
          | 'answer-language'
          | 'toxicity'
          | 'sensitive-domains'
          | 'privacy';
        readonly title: string;
        readonly family: 'rows' | 'consistency' | 'duplicates and leakage' | 'bias' | 'people' | 'content';
        readonly verdict: 'pass' | 'warn' | 'fail' | 'not_applicable';
        readonly required: boolean;
        readonly value: number | null;
        readonly unit: 'share' | 'count' | 'coefficient';
        readonly interval?: readonly [number, number];
        readonly threshold: {
          readonly warn: { readonly least?: number; readonly most?: number } | null;
          readonly fail: { readonly least?: number; readonly most?: number } | null;
        };
        readonly n: number;
        readonly noun: string;
        readonly reason: string;
        readonly fix: string;
        readonly evidence: {
          readonly total: number;
          readonly rows: readonly {
            readonly source: string;
            readonly row: number | null;
            readonly position: number;
          }[];
        };
        readonly measures: Readonly<Record<string, number | null>>;
        readonly pictures: readonly (
          | {
              readonly title: string;
              readonly caption: string;
              readonly kind: 'bars' | 'curve';
              readonly noun: string;
              readonly x?: string;
              readonly mark: number | null;
              readonly items: readonly {
                readonly name: string;
                readonly value: number | null;
                readonly interval: readonly [number, number] | null;
                readonly n: number;
                readonly flagged?: boolean;
              }[];
              readonly omitted: number;
            }
          | {
              readonly title: string;
              readonly caption: string;
              readonly kind: 'heatmap';
              readonly rows: { readonly name: string; readonly values: readonly string[] };
              readonly columns: { readonly name: string; readonly values: readonly string[] };
              readonly counts: readonly (readonly number[])[];
              readonly least: number;
            }
          | {
              readonly title: string;
              readonly caption: string;
              readonly kind: 'histogram';
              readonly x: string;
              readonly noun: string;
              readonly bins: readonly { readonly name: string; readonly count: number }[];
            }
        )[];
      }[];
    };
  };
  /** One judgement as it was given; null where it has been erased. */
  getJudgement: {
    readonly params: { readonly judgement: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly judgement: unknown | null;
      readonly createdAt: string;
      readonly retracted: boolean;
    };
  };
  /** How far a task is, and how often the caller agrees with the others. */
  getLabellingProgress: {
    readonly params: { readonly project: string; readonly task: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly items: number;
      readonly wanted: number;
      readonly judged: number;
      readonly mine: number;
      readonly agreement: {
        readonly items: number;
        readonly share?: number;
        readonly interval?: readonly [number, number];
      };
    };
  };
  /** A task with its rubric and how far it is. */
  getLabellingTask: {
    readonly params: { readonly project: string; readonly task: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly kind: 'pairwise' | 'ranking' | 'rating' | 'edit' | 'steps';
      readonly asks: 'overall' | 'criteria';
      readonly order: 'uniform' | 'entropy';
      readonly state: 'open' | 'closed';
      readonly redundancy: number;
      readonly createdAt: string;
      readonly progress: {
        readonly items: number;
        readonly wanted: number;
        readonly judged: number;
        readonly mine: number;
        readonly agreement: {
          readonly items: number;
          readonly share?: number;
          readonly interval?: readonly [number, number];
        };
      };
      readonly rubric?: {
        readonly name: string;
        readonly version: number;
        readonly guideline: string;
        readonly criteria: readonly {
          readonly name: string;
          readonly description: string;
          readonly scale: { readonly least: number; readonly most: number };
          readonly weight: number;
          readonly examples: readonly Readonly<Record<string, unknown>>[];
        }[];
      };
      readonly annotator: {
        readonly name: string;
        readonly pausedAt: string | null;
        readonly pauseReason: string | null;
      };
    };
  };
  /** What was made from a row, a snapshot, a run or a model, and what a run, a model or a bundle was made from. */
  getLineage: {
    readonly params: { readonly project: string };
    readonly query?: {
      readonly row?: string;
      readonly snapshot?: string;
      readonly run?: string;
      readonly model?: string;
      readonly bundle?: string;
    };
    readonly body: undefined;
    readonly result: {
      readonly downstream: {
        readonly snapshots: readonly string[];
        readonly runs: readonly string[];
        readonly models: readonly string[];
        readonly bundles: readonly string[];
        readonly deployments: readonly string[];
      } | null;
      readonly upstream: {
        readonly snapshots: readonly string[];
        readonly runs: readonly string[];
        readonly models: readonly string[];
      } | null;
    };
  };
  /** The model that learns while people label: how good it is, and what it would have judged next. */
  getLiveModel: {
    readonly params: { readonly project: string; readonly task: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly state: 'none' | 'preparing' | 'ready';
      readonly answers: number;
      readonly withoutOrder: number;
      readonly heldOut: number;
      readonly alike: boolean;
      readonly measuredOn: number;
      readonly accuracy: { readonly share: number; readonly interval: readonly [number, number] } | null;
      readonly curve: readonly { readonly answers: number; readonly accuracy: number }[];
      readonly next: readonly {
        readonly item: string;
        readonly prompt: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
        readonly responses: readonly [string, string];
        readonly probability: number;
      }[];
    };
  };
  /** One model with its card, its files and what it was made from. */
  getModel: {
    readonly params: { readonly model: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly version: number;
      readonly role: 'reward' | 'policy' | 'reference';
      readonly run: string | null;
      readonly card: Readonly<Record<string, unknown>>;
      readonly createdAt: string;
      readonly taintedBy: string | null;
      readonly deletedAt: string | null;
      readonly files: readonly {
        readonly path: string;
        readonly digest: string;
        readonly bytes: number;
        readonly mediaType: string;
      }[];
      readonly snapshots: readonly string[];
      readonly runs: readonly string[];
    };
  };
  /** One file of a model. */
  getModelFile: {
    readonly params: { readonly model: string; readonly path: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** A project with its settings. */
  getProject: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly name: string;
      readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      readonly settings: {
        readonly fourEyes?: boolean;
        readonly parityTolerance?: number;
        readonly observationDays?: number;
        readonly impressionDays?: number;
        readonly personalData?: 'off' | 'mark' | 'replace';
      };
      readonly createdAt: string;
    };
  };
  /** A response that waits for a person, with its texts. */
  getReview: {
    readonly params: { readonly project: string; readonly review: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly deployment: string | null;
      readonly reasons: readonly string[];
      readonly state: 'open' | 'decided';
      readonly decision: ('allow' | 'block') | null;
      readonly judgement: string | null;
      readonly actor: string | null;
      readonly openedAt: unknown;
      readonly decidedAt: unknown | null;
      readonly texts: {
        readonly prompt: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
        readonly response: string;
      } | null;
    };
  };
  /** A roll-out, what its arms did at this step, and what comes next. */
  getRollOut: {
    readonly params: { readonly project: string; readonly rollOut: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly rollOut: {
        readonly id: string;
        readonly deployment: string;
        readonly canary: string;
        readonly plan: Readonly<Record<string, unknown>>;
        readonly state: Readonly<Record<string, unknown>>;
        readonly status: 'running' | 'paused' | 'promoted' | 'rolled_back' | 'cancelled';
        readonly actor: string;
        readonly startedAt: unknown;
        readonly endedAt: unknown | null;
      };
      readonly look: {
        readonly decision: { readonly kind: string; readonly reason?: string; readonly share?: number };
        readonly guardrails: readonly {
          readonly metric: string;
          readonly difference: number | null;
          readonly evidence: number | null;
          readonly needed: number;
          readonly effect: number | null;
          readonly crossed: boolean;
        }[];
        readonly seen: {
          readonly share: number;
          readonly production: {
            readonly units: number;
            readonly reward: { readonly n: number; readonly mean: number; readonly variance: number };
            readonly milliseconds: { readonly n: number; readonly mean: number; readonly variance: number };
            readonly failures: number;
            readonly incidents: number;
          };
          readonly canary: {
            readonly units: number;
            readonly reward: { readonly n: number; readonly mean: number; readonly variance: number };
            readonly milliseconds: { readonly n: number; readonly mean: number; readonly variance: number };
            readonly failures: number;
            readonly incidents: number;
          };
        };
      } | null;
    };
  };
  /** One run with its steps and the last value of each metric. */
  getRun: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly kind: string;
      readonly state: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
      readonly parent: string | null;
      readonly config: Readonly<Record<string, unknown>>;
      readonly tags: Readonly<Record<string, string>>;
      readonly error: string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly endedAt: string | null;
      readonly deletedAt: string | null;
      readonly taintedBy: string | null;
      readonly metrics: Readonly<
        Record<
          string,
          {
            readonly step: number;
            readonly value: number | ('NaN' | 'Infinity' | '-Infinity');
            readonly at: string;
          }
        >
      >;
      readonly steps: readonly {
        readonly name: string;
        readonly position: number;
        readonly state: 'running' | 'finished' | 'failed';
        readonly attempts: number;
        readonly error: string | null;
        readonly startedAt: string;
        readonly endedAt: string | null;
      }[];
      readonly snapshots: readonly string[];
      readonly models: readonly string[];
    };
  };
  /** One file of a run. */
  getRunArtifact: {
    readonly params: { readonly run: string; readonly path: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** The history of metrics as curves, each thinned to so many points. */
  getSeries: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query?: {
      readonly name: string | readonly string[];
      readonly points?: number;
      readonly afterStep?: number;
    };
    readonly body: undefined;
    readonly result: {
      readonly series: Readonly<
        Record<
          string,
          readonly {
            readonly step: number;
            readonly value: number | ('NaN' | 'Infinity' | '-Infinity');
            readonly at: string;
          }[]
        >
      >;
    };
  };
  /** One snapshot, by id or tag. */
  getSnapshot: {
    readonly params: { readonly snapshot: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly number: number;
      readonly rows: number;
      readonly query: {
        readonly datasets: readonly string[];
        readonly imports?: readonly string[];
        readonly sources?: readonly string[];
        readonly kinds?: readonly string[];
        readonly criteria?: readonly string[];
        readonly languages?: readonly string[];
      };
      readonly parent: string | null;
      readonly rubric: string | null;
      readonly erasedRows: number;
      readonly successor: string | null;
      readonly createdAt: string;
      readonly tags: readonly string[];
      readonly blocking: readonly string[] | null;
    };
  };
  /** Takes what was shown to users and what they did about it; what they said on purpose becomes judgements at once. With an Idempotency-Key the same request is done once. */
  giveFeedback: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly impressions?: readonly {
        readonly ids?: readonly string[];
        readonly prompt:
          | string
          | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
        readonly responses: readonly string[];
        readonly surface: string;
        readonly model?: string;
        readonly probability?: number;
        readonly could_answer?: boolean;
        readonly user?: string;
      }[];
      readonly signals?: readonly (
        | { readonly impression: string; readonly signal: 'thumb'; readonly up: boolean }
        | { readonly impression: string; readonly signal: 'edit'; readonly text: string }
        | {
            readonly impression: string;
            readonly signal: 'rating';
            readonly value: number;
            readonly scale: { readonly least: number; readonly most: number };
            readonly criterion?: string;
          }
        | {
            readonly impression: string;
            readonly signal: 'preference';
            readonly over: string;
            readonly outcome?: 'better' | 'tie' | 'both_bad';
            readonly strength?: 'slightly' | 'clearly' | 'much';
            readonly criterion?: string;
          }
        | { readonly impression: string; readonly signal: 'copy' }
        | { readonly impression: string; readonly signal: 'regenerate'; readonly next?: string }
        | { readonly impression: string; readonly signal: 'complaint' }
        | { readonly impression: string; readonly signal: 'task'; readonly completed: boolean }
        | { readonly impression: string; readonly signal: 'tests'; readonly passed: boolean }
        | { readonly impression: string; readonly signal: 'dwell'; readonly seconds: number }
      )[];
      readonly dataset?: string;
    };
    readonly result: {
      readonly object: 'feedback';
      readonly impressions: readonly {
        readonly status: 'ok' | 'error';
        readonly error?: { readonly code: string; readonly message: string; readonly cure: string };
        readonly personal_data?: Readonly<Record<string, number>>;
        readonly ids?: readonly string[];
      }[];
      readonly signals: readonly {
        readonly status: 'ok' | 'error';
        readonly error?: { readonly code: string; readonly message: string; readonly cure: string };
        readonly personal_data?: Readonly<Record<string, number>>;
        readonly id?: string;
        readonly judgement?: string;
      }[];
    };
  };
  /** Signs that responses please the reward model rather than people. */
  hackingSigns: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: {
      readonly from: string;
      readonly to: string;
      readonly referenceFrom: string;
      readonly referenceTo: string;
    };
    readonly body: undefined;
    readonly result: {
      readonly lengthPay:
        | {
            readonly enough: true;
            readonly n: number;
            readonly correlation: number | null;
            readonly interval: readonly [number, number] | null;
            readonly slope: number | null;
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly repetition:
        | { readonly enough: true; readonly n: number; readonly mean: number }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly saturation:
        | {
            readonly enough: true;
            readonly n: number;
            readonly share: number;
            readonly interval: readonly [number, number];
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly refusals:
        | {
            readonly enough: true;
            readonly n: number;
            readonly share: number;
            readonly interval: readonly [number, number];
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly truncations:
        | {
            readonly enough: true;
            readonly n: number;
            readonly share: number;
            readonly interval: readonly [number, number];
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
    };
  };
  /** Whether the process lives. */
  health: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: { readonly status: 'ok' };
  };
  /** How often the reward model agrees with people on what was served. */
  humanAgreement: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: { readonly from: string; readonly to: string; readonly dataset: string };
    readonly body: undefined;
    readonly result:
      | {
          readonly enough: true;
          readonly n: number;
          readonly share: number;
          readonly interval: readonly [number, number];
        }
      | { readonly enough: false; readonly n: number; readonly needed: number };
  };
  /** Bring a file of judgements into a data set; what is personal is taken out before anything is stored. */
  importFile: {
    readonly params: { readonly dataset: string; readonly project: string };
    readonly query?: {
      readonly name?: string;
      readonly format?: string;
      readonly personalData?: 'scrub' | 'keep';
    };
    readonly body: Blob;
    readonly result: {
      readonly id: string;
      readonly dataset: string;
      readonly rows: number;
      readonly rejected: number;
      readonly added: number;
      readonly known: number;
      readonly erased: number;
      readonly rejects: readonly {
        readonly row: number;
        readonly field?: string;
        readonly reason: string;
        readonly message: string;
      }[];
      readonly scrubbed: {
        readonly found: Readonly<Record<string, number>>;
        readonly rows: number;
        readonly equal: number;
      } | null;
    };
  };
  /** A one-time link into the project. It is shown this once. */
  invite: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: { readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer' };
    readonly result: { readonly link: string; readonly expiresAt: string };
  };
  /** Alert rules with what was found last. */
  listAlertRules: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly rules: readonly {
        readonly id: string;
        readonly name: string;
        readonly rule: Readonly<Record<string, unknown>>;
        readonly state: {
          readonly condition: 'ok' | 'pending' | 'firing' | 'no data';
          readonly since: number;
          readonly at: number;
          readonly value: number | null;
          readonly n: number;
          readonly incident: string | null;
          readonly told: number | null;
        };
        readonly silencedUntil: unknown | null;
        readonly createdBy: string;
        readonly createdAt: unknown;
      }[];
    };
  };
  /** Annotators, and who is paused and why. */
  listAnnotators: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly annotators: readonly {
        readonly name: string;
        readonly pausedAt: string | null;
        readonly pauseReason: string | null;
      }[];
    };
  };
  /** What was done by whom, the newest first. */
  listAudit: {
    readonly params: { readonly project: string };
    readonly query?: { readonly before?: number; readonly limit?: number; readonly holding?: string };
    readonly body: undefined;
    readonly result: {
      readonly entries: readonly {
        readonly seq: number;
        readonly at: string;
        readonly actor: string;
        readonly action: string;
        readonly resource: string;
        readonly details: Readonly<Record<string, unknown>>;
        readonly previous: string;
        readonly hash: string;
      }[];
      readonly next: number | null;
    };
  };
  /** Bundles, the newest first. */
  listBundles: {
    readonly params: { readonly project: string };
    readonly query?: {
      readonly state?: 'draft' | 'evaluated' | 'shadow' | 'canary' | 'production' | 'retired' | 'rolled_back';
      readonly before?: string;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly result: {
      readonly bundles: readonly {
        readonly id: string;
        readonly name: string;
        readonly version: number;
        readonly state:
          | 'draft'
          | 'evaluated'
          | 'shadow'
          | 'canary'
          | 'production'
          | 'retired'
          | 'rolled_back';
        readonly rewardModel: string;
        readonly policy: string | null;
        readonly reference: string | null;
        readonly normaliser: Readonly<Record<string, unknown>>;
        readonly guardrails: Readonly<Record<string, unknown>>;
        readonly createdBy: string;
        readonly createdAt: unknown;
        readonly updatedAt: unknown;
        readonly taintedBy: string | null;
      }[];
    };
  };
  /** The data sets by name, with the judgements in each. */
  listDatasets: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly datasets: readonly {
        readonly id: string;
        readonly name: string;
        readonly description: string;
        readonly rows: number;
        readonly createdAt: string;
      }[];
    };
  };
  /** Says which versions serve now. */
  listDeployed: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly object: 'list';
      readonly data: readonly {
        readonly name: string;
        readonly object: 'deployment';
        readonly revision: number | null;
        readonly arms: readonly {
          readonly arm: 'production' | 'canary' | 'shadow';
          readonly share: number;
          readonly bundle: string | null;
          readonly model: {
            readonly version: string;
            readonly kind: string;
            readonly formatting_digest: string | null;
            readonly max_length: number | null;
            readonly objectives: readonly string[];
            readonly calibrated: boolean;
            readonly waiting: number;
          };
          readonly proxy: {
            readonly version: string;
            readonly kind: string;
            readonly formatting_digest: string | null;
            readonly max_length: number | null;
            readonly objectives: readonly string[];
            readonly calibrated: boolean;
            readonly waiting: number;
          } | null;
          readonly policy: string | null;
          readonly guarded: boolean;
        }[];
        readonly policy: {
          readonly version: string;
          readonly digest: string;
          readonly formatting_digest: string;
          readonly max_length: number;
        } | null;
      }[];
    };
  };
  /** What serves now under each name. */
  listDeployments: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly deployments: readonly {
        readonly name: string;
        readonly revision: number;
        readonly bundle: string | null;
        readonly shadow: string | null;
        readonly canary: string | null;
        readonly canaryShare: number;
        readonly actor: string;
        readonly reason: string;
        readonly evidence: Readonly<Record<string, unknown>>;
        readonly createdAt: unknown;
      }[];
    };
  };
  /** Experiments, the newest first. */
  listExperiments: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly experiments: readonly {
        readonly id: string;
        readonly name: string;
        readonly state: 'draft' | 'running' | 'stopped';
        readonly plan: Readonly<Record<string, unknown>>;
        readonly conclusion: Readonly<Record<string, unknown>> | null;
        readonly createdAt: unknown;
        readonly startedAt: unknown | null;
        readonly endedAt: unknown | null;
      }[];
    };
  };
  /** What was imported into a data set, the newest first. */
  listImports: {
    readonly params: { readonly dataset: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly imports: readonly {
        readonly id: string;
        readonly source: string;
        readonly state: 'running' | 'finished';
        readonly rows: number;
        readonly rejected: number;
        readonly added: number;
        readonly known: number;
        readonly startedAt: string;
        readonly finishedAt: string | null;
      }[];
    };
  };
  /** Incidents, the newest first. */
  listIncidents: {
    readonly params: { readonly project: string };
    readonly query?: {
      readonly state?: 'open' | 'acknowledged' | 'resolved';
      readonly before?: string;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly result: {
      readonly incidents: readonly {
        readonly id: string;
        readonly kind: string;
        readonly severity: number;
        readonly title: string;
        readonly deployment: string | null;
        readonly details: Readonly<Record<string, unknown>>;
        readonly state: 'open' | 'acknowledged' | 'resolved';
        readonly openedAt: unknown;
        readonly acknowledgedAt: unknown | null;
        readonly acknowledgedBy: string | null;
        readonly resolvedAt: unknown | null;
        readonly resolution: string | null;
      }[];
    };
  };
  /** Invitations that nobody has used yet. */
  listInvitations: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly invitations: readonly {
        readonly id: string;
        readonly role: ('owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer') | null;
        readonly createdBy: string;
        readonly createdAt: string;
        readonly expiresAt: string;
      }[];
    };
  };
  /** The keys of the project, revoked ones too. The secrets are not kept. */
  listKeys: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly keys: readonly {
        readonly id: string;
        readonly name: string;
        readonly start: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
        readonly createdBy: string;
        readonly createdAt: string;
        readonly revokedAt: string | null;
      }[];
    };
  };
  /** Items that have all their votes and on which annotators differ. */
  listLabellingDisputes: {
    readonly params: { readonly project: string; readonly task: string };
    readonly query?: { readonly limit?: number };
    readonly body: undefined;
    readonly result: {
      readonly disputes: readonly {
        readonly item: string;
        readonly prompt: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
        readonly responses: readonly string[];
        readonly steps?: readonly string[];
        readonly language?: string;
        readonly votes: readonly {
          readonly annotator: string;
          readonly judgements: readonly (
            | {
                readonly kind: 'comparison';
                readonly prompt: readonly {
                  readonly role: 'system' | 'user' | 'assistant' | 'tool';
                  readonly content: string;
                }[];
                readonly responses: readonly [string, string];
                readonly outcome: 'a' | 'b' | 'tie' | 'both_bad';
                readonly strength?: 'slightly' | 'clearly' | 'much';
                readonly margin?: number;
                readonly preference?: number;
                readonly criterion?: string;
                readonly provenance: {
                  readonly source: string;
                  readonly row?: number;
                  readonly annotator?: string;
                  readonly annotatorKind?: 'human' | 'model' | 'program' | 'implicit' | 'simulated';
                  readonly language?: string;
                  readonly time?: string;
                  readonly seconds?: number;
                  readonly rubric?: string;
                  readonly selectionProbability?: number;
                  readonly shownFirst?: 0 | 1;
                  readonly shown?: readonly number[];
                  readonly segments?: Readonly<Record<string, string>>;
                };
              }
            | {
                readonly kind: 'ranking';
                readonly prompt: readonly {
                  readonly role: 'system' | 'user' | 'assistant' | 'tool';
                  readonly content: string;
                }[];
                readonly responses: readonly string[];
                readonly groups: readonly (readonly number[])[];
                readonly restUnordered?: boolean;
                readonly criterion?: string;
                readonly provenance: {
                  readonly source: string;
                  readonly row?: number;
                  readonly annotator?: string;
                  readonly annotatorKind?: 'human' | 'model' | 'program' | 'implicit' | 'simulated';
                  readonly language?: string;
                  readonly time?: string;
                  readonly seconds?: number;
                  readonly rubric?: string;
                  readonly selectionProbability?: number;
                  readonly shownFirst?: 0 | 1;
                  readonly shown?: readonly number[];
                  readonly segments?: Readonly<Record<string, string>>;
                };
              }
            | {
                readonly kind: 'rating';
                readonly prompt: readonly {
                  readonly role: 'system' | 'user' | 'assistant' | 'tool';
                  readonly content: string;
                }[];
                readonly response: string;
                readonly criterion?: string;
                readonly value: number;
                readonly scale: { readonly least: number; readonly most: number };
                readonly provenance: {
                  readonly source: string;
                  readonly row?: number;
                  readonly annotator?: string;
                  readonly annotatorKind?: 'human' | 'model' | 'program' | 'implicit' | 'simulated';
                  readonly language?: string;
                  readonly time?: string;
                  readonly seconds?: number;
                  readonly rubric?: string;
                  readonly selectionProbability?: number;
                  readonly shownFirst?: 0 | 1;
                  readonly shown?: readonly number[];
                  readonly segments?: Readonly<Record<string, string>>;
                };
              }
            | {
                readonly kind: 'label';
                readonly prompt: readonly {
                  readonly role: 'system' | 'user' | 'assistant' | 'tool';
                  readonly content: string;
                }[];
                readonly response: string;
                readonly desirable: boolean;
                readonly criterion?: string;
                readonly provenance: {
                  readonly source: string;
                  readonly row?: number;
                  readonly annotator?: string;
                  readonly annotatorKind?: 'human' | 'model' | 'program' | 'implicit' | 'simulated';
                  readonly language?: string;
                  readonly time?: string;
                  readonly seconds?: number;
                  readonly rubric?: string;
                  readonly selectionProbability?: number;
                  readonly shownFirst?: 0 | 1;
                  readonly shown?: readonly number[];
                  readonly segments?: Readonly<Record<string, string>>;
                };
              }
            | {
                readonly kind: 'edit';
                readonly prompt: readonly {
                  readonly role: 'system' | 'user' | 'assistant' | 'tool';
                  readonly content: string;
                }[];
                readonly response: string;
                readonly rewrite: string;
                readonly criterion?: string;
                readonly provenance: {
                  readonly source: string;
                  readonly row?: number;
                  readonly annotator?: string;
                  readonly annotatorKind?: 'human' | 'model' | 'program' | 'implicit' | 'simulated';
                  readonly language?: string;
                  readonly time?: string;
                  readonly seconds?: number;
                  readonly rubric?: string;
                  readonly selectionProbability?: number;
                  readonly shownFirst?: 0 | 1;
                  readonly shown?: readonly number[];
                  readonly segments?: Readonly<Record<string, string>>;
                };
              }
            | {
                readonly kind: 'steps';
                readonly prompt: readonly {
                  readonly role: 'system' | 'user' | 'assistant' | 'tool';
                  readonly content: string;
                }[];
                readonly steps: readonly string[];
                readonly separator: string;
                readonly labels: readonly (boolean | null)[];
                readonly criterion?: string;
                readonly provenance: {
                  readonly source: string;
                  readonly row?: number;
                  readonly annotator?: string;
                  readonly annotatorKind?: 'human' | 'model' | 'program' | 'implicit' | 'simulated';
                  readonly language?: string;
                  readonly time?: string;
                  readonly seconds?: number;
                  readonly rubric?: string;
                  readonly selectionProbability?: number;
                  readonly shownFirst?: 0 | 1;
                  readonly shown?: readonly number[];
                  readonly segments?: Readonly<Record<string, string>>;
                };
              }
          )[];
        }[];
      }[];
    };
  };
  /** Labelling tasks; an annotator sees those that are given to them. */
  listLabellingTasks: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly tasks: readonly {
        readonly id: string;
        readonly name: string;
        readonly kind: 'pairwise' | 'ranking' | 'rating' | 'edit' | 'steps';
        readonly asks: 'overall' | 'criteria';
        readonly order: 'uniform' | 'entropy';
        readonly state: 'open' | 'closed';
        readonly redundancy: number;
        readonly createdAt: string;
        readonly progress: {
          readonly items: number;
          readonly wanted: number;
          readonly judged: number;
          readonly mine: number;
          readonly agreement: {
            readonly items: number;
            readonly share?: number;
            readonly interval?: readonly [number, number];
          };
        };
      }[];
    };
  };
  /** Who is in the project, as what. */
  listMembers: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly members: readonly {
        readonly user: string;
        readonly name: string;
        readonly email: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
        readonly createdAt: string;
      }[];
    };
  };
  /** The held-out pairs that a reward model got most wrong, with their texts, the worst first. */
  listMistakes: {
    readonly params: { readonly model: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly mistakes: readonly {
        readonly prompt: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
        readonly chosen: { readonly text: string; readonly reward: number } | null;
        readonly rejected: { readonly text: string; readonly reward: number } | null;
        readonly step?: number;
        readonly difference: number;
        readonly source: string;
        readonly row: number | null;
      }[];
    };
  };
  /** Models, the newest first. */
  listModels: {
    readonly params: { readonly project: string };
    readonly query?: {
      readonly before?: string;
      readonly limit?: number;
      readonly role?: 'reward' | 'policy' | 'reference';
    };
    readonly body: undefined;
    readonly result: {
      readonly models: readonly {
        readonly id: string;
        readonly name: string;
        readonly version: number;
        readonly role: 'reward' | 'policy' | 'reference';
        readonly run: string | null;
        readonly card: Readonly<Record<string, unknown>>;
        readonly createdAt: string;
        readonly taintedBy: string | null;
        readonly deletedAt: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** The projects that the caller may see, with the role in each. */
  listProjects: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly projects: readonly {
        readonly name: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      }[];
    };
  };
  /** What waits for a person, or was decided; the newest first. */
  listReviews: {
    readonly params: { readonly project: string };
    readonly query?: {
      readonly state?: 'open' | 'decided';
      readonly before?: string;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly result: {
      readonly reviews: readonly {
        readonly id: string;
        readonly deployment: string | null;
        readonly reasons: readonly string[];
        readonly state: 'open' | 'decided';
        readonly decision: ('allow' | 'block') | null;
        readonly judgement: string | null;
        readonly actor: string | null;
        readonly openedAt: unknown;
        readonly decidedAt: unknown | null;
      }[];
    };
  };
  /** Roll-outs, the newest first. */
  listRollOuts: {
    readonly params: { readonly project: string };
    readonly query?: { readonly deployment?: string; readonly underWay?: string };
    readonly body: undefined;
    readonly result: {
      readonly rollOuts: readonly {
        readonly id: string;
        readonly deployment: string;
        readonly canary: string;
        readonly plan: Readonly<Record<string, unknown>>;
        readonly state: Readonly<Record<string, unknown>>;
        readonly status: 'running' | 'paused' | 'promoted' | 'rolled_back' | 'cancelled';
        readonly actor: string;
        readonly startedAt: unknown;
        readonly endedAt: unknown | null;
      }[];
    };
  };
  /** Judgements of a data set as it is now, by id; those that were taken back are left out. */
  listRows: {
    readonly params: { readonly dataset: string; readonly project: string };
    readonly query?: { readonly after?: string; readonly limit?: number };
    readonly body: undefined;
    readonly result: {
      readonly rows: readonly { readonly id: string; readonly judgement: unknown }[];
      readonly next: string | null;
    };
  };
  /** The files of a run. */
  listRunArtifacts: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly files: readonly {
        readonly path: string;
        readonly digest: string;
        readonly bytes: number;
        readonly mediaType: string;
      }[];
    };
  };
  /** Runs, the newest first. */
  listRuns: {
    readonly params: { readonly project: string };
    readonly query?: {
      readonly before?: string;
      readonly limit?: number;
      readonly kind?: string;
      readonly state?: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
      readonly deleted?: string;
    };
    readonly body: undefined;
    readonly result: {
      readonly runs: readonly {
        readonly id: string;
        readonly name: string;
        readonly kind: string;
        readonly state: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
        readonly parent: string | null;
        readonly config: Readonly<Record<string, unknown>>;
        readonly tags: Readonly<Record<string, string>>;
        readonly error: string | null;
        readonly createdAt: string;
        readonly startedAt: string | null;
        readonly endedAt: string | null;
        readonly deletedAt: string | null;
        readonly taintedBy: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Held-out prompts answered by a policy before and after its training, with the rewards of both. */
  listSamples: {
    readonly params: { readonly model: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly samples: readonly {
        readonly prompt: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
        readonly before: {
          readonly text: string;
          readonly reward: number | null;
          readonly gold: number | null;
        } | null;
        readonly after: {
          readonly text: string;
          readonly reward: number | null;
          readonly gold: number | null;
        };
      }[];
    };
  };
  /** Where the own account is signed in. */
  listSessions: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly sessions: readonly {
        readonly current: boolean;
        readonly createdAt: string;
        readonly seenAt: string;
        readonly expiresAt: string;
      }[];
    };
  };
  /** Judgements of a snapshot, by id; erased ones are left out. */
  listSnapshotRows: {
    readonly params: { readonly snapshot: string; readonly project: string };
    readonly query?: { readonly after?: string; readonly limit?: number };
    readonly body: undefined;
    readonly result: {
      readonly rows: readonly { readonly id: string; readonly judgement: unknown }[];
      readonly next: string | null;
    };
  };
  /** Snapshots, the newest first. */
  listSnapshots: {
    readonly params: { readonly project: string };
    readonly query?: { readonly before?: string; readonly limit?: number };
    readonly body: undefined;
    readonly result: {
      readonly snapshots: readonly {
        readonly id: string;
        readonly number: number;
        readonly rows: number;
        readonly query: {
          readonly datasets: readonly string[];
          readonly imports?: readonly string[];
          readonly sources?: readonly string[];
          readonly kinds?: readonly string[];
          readonly criteria?: readonly string[];
          readonly languages?: readonly string[];
        };
        readonly parent: string | null;
        readonly rubric: string | null;
        readonly erasedRows: number;
        readonly successor: string | null;
        readonly createdAt: string;
        readonly tags: readonly string[];
        readonly blocking: readonly string[] | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Names that point at snapshots. */
  listTags: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly tags: readonly {
        readonly name: string;
        readonly snapshot: string;
        readonly updatedAt: string;
      }[];
    };
  };
  /** Everybody who has an account. */
  listUsers: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly users: readonly {
        readonly id: string;
        readonly name: string;
        readonly email: string;
        readonly administrator: boolean;
        readonly createdAt: string;
      }[];
    };
  };
  /** A one-time link that makes another administrator. */
  makeAdministratorLink: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: { readonly link: string; readonly expiresAt: string };
  };
  /** A one-time link with which a user sets a new password. */
  makePasswordLink: {
    readonly params: { readonly user: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: { readonly link: string; readonly expiresAt: string };
  };
  /** Who calls, and what they are in which project. */
  me: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly actor: string;
      readonly id: string | null;
      readonly name: string;
      readonly email: string | null;
      readonly administrator: boolean;
      readonly projects: readonly {
        readonly project: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      }[];
    };
  };
  /** Metrics as Prometheus reads them, for administrators and for who has the token of the metrics. */
  metrics: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Make an experiment: a group of runs. */
  mlflowCreateExperiment: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly name: string;
      readonly tags?: readonly { readonly key: string; readonly value?: string }[];
    };
    readonly result: undefined;
  };
  /** Begin a run. */
  mlflowCreateRun: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly experiment_id?: string;
      readonly run_name?: string;
      readonly user_id?: string;
      readonly tags?: readonly { readonly key: string; readonly value?: string }[];
    };
    readonly result: undefined;
  };
  /** Take away a file of a run, or all that lie in a folder of it. */
  mlflowDeleteArtifact: {
    readonly params: { readonly path: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Hide a run. */
  mlflowDeleteRun: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly run_id: string };
    readonly result: undefined;
  };
  /** Take a tag away from a run. */
  mlflowDeleteTag: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly run_id: string; readonly key: string };
    readonly result: undefined;
  };
  /** A file of a run. */
  mlflowDownloadArtifact: {
    readonly params: { readonly path: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** An experiment by its id. */
  mlflowGetExperiment: {
    readonly params: undefined;
    readonly query?: { readonly experiment_id: string };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** An experiment by its name. */
  mlflowGetExperimentByName: {
    readonly params: undefined;
    readonly query?: { readonly experiment_name: string };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** A run with its metrics, parameters and tags. */
  mlflowGetRun: {
    readonly params: undefined;
    readonly query?: { readonly run_id?: string; readonly run_uuid?: string };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** The files of a run in one of its folders. */
  mlflowListArtifacts: {
    readonly params: undefined;
    readonly query?: { readonly run_id: string; readonly path?: string };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** The same by the address of the artifacts. */
  mlflowListArtifactsByPath: {
    readonly params: undefined;
    readonly query?: { readonly path: string };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Log metrics, parameters and tags together; a thousand at most. */
  mlflowLogBatch: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly run_id: string;
      readonly metrics?: readonly {
        readonly key: string;
        readonly value: number | ('NaN' | 'Infinity' | '-Infinity');
        readonly timestamp?: number;
        readonly step?: number;
      }[];
      readonly params?: readonly { readonly key: string; readonly value?: string }[];
      readonly tags?: readonly { readonly key: string; readonly value?: string }[];
    };
    readonly result: undefined;
  };
  /** Say which data sets a run reads; one whose source is a snapshot of ours is linked to it. */
  mlflowLogInputs: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly run_id: string;
      readonly datasets?: readonly {
        readonly tags?: readonly { readonly key: string; readonly value?: string }[];
        readonly dataset: {
          readonly name: string;
          readonly digest: string;
          readonly source_type?: string;
          readonly source?: string;
          readonly schema?: string;
          readonly profile?: string;
        };
      }[];
    };
    readonly result: undefined;
  };
  /** Log one value of a metric. */
  mlflowLogMetric: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly key: string;
      readonly value: number | ('NaN' | 'Infinity' | '-Infinity');
      readonly timestamp?: number;
      readonly step?: number;
      readonly run_id?: string;
      readonly run_uuid?: string;
    };
    readonly result: undefined;
  };
  /** Log one parameter; it is written once. */
  mlflowLogParameter: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly key: string;
      readonly value?: string;
      readonly run_id?: string;
      readonly run_uuid?: string;
    };
    readonly result: undefined;
  };
  /** All values of a metric, page by page. */
  mlflowMetricHistory: {
    readonly params: undefined;
    readonly query?: {
      readonly run_id?: string;
      readonly run_uuid?: string;
      readonly metric_key: string;
      readonly max_results?: number;
      readonly page_token?: string;
    };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Show a hidden run again. */
  mlflowRestoreRun: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly run_id: string };
    readonly result: undefined;
  };
  /** Experiments that fit a filter. */
  mlflowSearchExperiments: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly max_results?: number;
      readonly page_token?: string;
      readonly filter?: string;
      readonly view_type?: string;
      readonly order_by?: readonly string[];
    };
    readonly result: undefined;
  };
  /** The same with the search in the address. */
  mlflowSearchExperimentsByGet: {
    readonly params: undefined;
    readonly query?: {
      readonly max_results?: number;
      readonly page_token?: string;
      readonly filter?: string;
      readonly view_type?: string;
      readonly order_by?: string | readonly string[];
    };
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Models that were logged: none, since ours are made by runs and registered. Clients ask when they list files. */
  mlflowSearchLoggedModels: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Runs that fit a filter, in an order. */
  mlflowSearchRuns: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly experiment_ids?: readonly string[];
      readonly filter?: string;
      readonly run_view_type?: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
      readonly max_results?: number;
      readonly order_by?: readonly string[];
      readonly page_token?: string;
    };
    readonly result: undefined;
  };
  /** What newer clients ask first. */
  mlflowServerInfo: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Set a tag of an experiment. */
  mlflowSetExperimentTag: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly experiment_id: string; readonly key: string; readonly value: string };
    readonly result: undefined;
  };
  /** Set a tag of a run. */
  mlflowSetTag: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly key: string;
      readonly value?: string;
      readonly run_id?: string;
      readonly run_uuid?: string;
    };
    readonly result: undefined;
  };
  /** Change the status or the name of a run. */
  mlflowUpdateRun: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly run_id?: string;
      readonly run_uuid?: string;
      readonly status?: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
      readonly run_name?: string;
    };
    readonly result: undefined;
  };
  /** Keep a file of a run. */
  mlflowUploadArtifact: {
    readonly params: { readonly path: string };
    readonly query: undefined;
    readonly body: Blob;
    readonly result: undefined;
  };
  /** The items to judge now and next; asking again gives the same. */
  nextLabellingItems: {
    readonly params: { readonly project: string; readonly task: string };
    readonly query: undefined;
    readonly body: { readonly open?: number };
    readonly result: {
      readonly items: readonly {
        readonly assignment: string;
        readonly prompt: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
        readonly responses: readonly string[];
        readonly steps?: readonly string[];
        readonly language?: string;
      }[];
    };
  };
  /** This interface as an OpenAPI 3.1 document. */
  openApi: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** What a one-time link opens. It can still be used afterwards. */
  openLink: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly token: string };
    readonly result: {
      readonly opens: 'project' | 'installation' | 'password';
      readonly project: string | null;
      readonly role: ('owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer') | null;
      readonly expiresAt: string;
    };
  };
  /** Stop the steps; the canary keeps its share. */
  pauseRollOut: {
    readonly params: { readonly project: string; readonly rollOut: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Change the plan of a draft. */
  planExperiment: {
    readonly params: { readonly project: string; readonly experiment: string };
    readonly query: undefined;
    readonly body: {
      readonly arms: readonly {
        readonly name: string;
        readonly share?: number;
        readonly deployment?: string;
      }[];
      readonly control?: string;
      readonly primary: {
        readonly name: string;
        readonly better?: 'up' | 'down';
        readonly covariate?: boolean;
      };
      readonly secondary?: readonly {
        readonly name: string;
        readonly better?: 'up' | 'down';
        readonly covariate?: boolean;
      }[];
      readonly segments?: readonly string[];
      readonly alpha?: number;
      readonly units?: number;
      readonly duels?: { readonly dataset: string };
    };
    readonly result: undefined;
  };
  /** Give a bundle all of the traffic, after every gate. */
  promoteBundle: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query: undefined;
    readonly body: { readonly after: number; readonly reason: string; readonly bundle: string };
    readonly result: {
      readonly name: string;
      readonly revision: number;
      readonly bundle: string | null;
      readonly shadow: string | null;
      readonly canary: string | null;
      readonly canaryShare: number;
      readonly actor: string;
      readonly reason: string;
      readonly evidence: Readonly<Record<string, unknown>>;
      readonly createdAt: unknown;
    };
  };
  /** Orders responses to one prompt, the best one first. */
  rank: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly model?: string;
      readonly mode?: 'fast' | 'thorough' | 'auto';
      readonly latency_budget_ms?: number;
      readonly truncation?: 'error' | 'left' | 'right';
      readonly user?: string;
      readonly prompt:
        | string
        | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
      readonly responses: readonly string[];
      readonly segments?: Readonly<Record<string, string>>;
      readonly tie_tolerance?: number;
    };
    readonly result: {
      readonly id: string;
      readonly created: number;
      readonly model: string;
      readonly revision: number | null;
      readonly arm: 'production' | 'canary' | 'shadow';
      readonly bundle: string | null;
      readonly activation: 'none';
      readonly score_space: 'within_prompt';
      readonly usage: {
        readonly prompt_tokens: number | null;
        readonly total_tokens: number | null;
        readonly responses: number;
        readonly cached_responses: number;
      };
      readonly timing: {
        readonly total_ms: number;
        readonly queue_ms: number;
        readonly inference_ms: number;
        readonly batch_size: number;
      };
      readonly model_version: string;
      readonly kind: string;
      readonly formatting_digest: string | null;
      readonly mode: 'fast' | 'thorough';
      readonly escalation?: 'sure' | 'unsure' | 'no_time' | 'no_room' | 'failed' | 'no_proxy';
      readonly cached: boolean;
      readonly object: 'ranking';
      readonly ranking: readonly {
        readonly index: number;
        readonly score: number;
        readonly normalised: number;
        readonly probability: number | null;
        readonly uncertainty: number | null;
        readonly objectives: Readonly<Record<string, number>>;
        readonly steps?: readonly number[];
        readonly parts?: readonly {
          readonly name: string;
          readonly value: number;
          readonly contribution: number;
        }[];
        readonly violations?: readonly string[];
        readonly tokens: number | null;
        readonly truncated: boolean | null;
        readonly guard?: {
          readonly action: 'allow' | 'review' | 'block';
          readonly reasons: readonly {
            readonly reason: string;
            readonly action: 'mark' | 'review' | 'block';
          }[];
        };
        readonly rank: number;
        readonly lead: number | null;
        readonly probability_over_next: number | null;
      }[];
    };
  };
  /** Whether requests can be answered: the database is there and nothing is closing. */
  ready: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: { readonly status: 'ok' };
  };
  /** The caller's last answers and skips, which can be undone; the newest first. */
  recentLabellingItems: {
    readonly params: { readonly project: string; readonly task: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly items: readonly { readonly assignment: string; readonly state: 'done' | 'skipped' }[];
    };
  };
  /** Put an evaluation on record; a draft is then evaluated. */
  recordEvaluation: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: { readonly document: Readonly<Record<string, unknown>> };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly version: number;
      readonly state: 'draft' | 'evaluated' | 'shadow' | 'canary' | 'production' | 'retired' | 'rolled_back';
      readonly rewardModel: string;
      readonly policy: string | null;
      readonly reference: string | null;
      readonly normaliser: Readonly<Record<string, unknown>>;
      readonly guardrails: Readonly<Record<string, unknown>>;
      readonly createdBy: string;
      readonly createdAt: unknown;
      readonly updatedAt: unknown;
      readonly taintedBy: string | null;
    };
  };
  /** Score a fixed set of stored responses and keep the scores. */
  recordGoldenScores: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: {
      readonly items: readonly { readonly prompt: string; readonly responses: readonly string[] }[];
    };
    readonly result: { readonly items: number; readonly deviation: number; readonly needed: number };
  };
  /** Put what came of a unit on record, by metric. */
  recordOutcome: {
    readonly params: { readonly project: string; readonly experiment: string };
    readonly query: undefined;
    readonly body: { readonly unit: string; readonly outcomes: Readonly<Record<string, number>> };
    readonly result: undefined;
  };
  /** Watch it no longer. */
  removeAlertRule: {
    readonly params: { readonly project: string; readonly rule: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Take a member out of the project. */
  removeMember: {
    readonly params: { readonly user: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Remove a name; the snapshot stays. */
  removeTag: {
    readonly params: { readonly tag: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Remove an account with its name, address, memberships and sessions. */
  removeUser: {
    readonly params: { readonly user: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** What it says so far; it may be asked as often as one likes. */
  reportExperiment: {
    readonly params: { readonly project: string; readonly experiment: string };
    readonly query: undefined;
    readonly body: {
      readonly costs?: Readonly<
        Record<string, { readonly labels?: number; readonly compute?: number; readonly judge?: number }>
      >;
    };
    readonly result: {
      readonly hold: string | null;
      readonly arms: readonly {
        readonly arm: string;
        readonly units: number;
        readonly means: Readonly<Record<string, { readonly n: number; readonly mean: number | null }>>;
      }[];
      readonly sampleRatio:
        | {
            readonly enough: true;
            readonly n: number;
            readonly chiSquare: number;
            readonly pValue: number;
            readonly effect: number;
            readonly furthest: { readonly arm: number; readonly deviation: number };
            readonly mismatch: boolean;
          }
        | { readonly enough: false; readonly n: number; readonly needed: number };
      readonly conflicting: {
        readonly units: number;
        readonly share: number | null;
        readonly interval: readonly [number, number] | null;
      };
      readonly primary: readonly (
        | {
            readonly enough: true;
            readonly n: number;
            readonly metric: string;
            readonly arm: string;
            readonly control: string;
            readonly difference: number;
            readonly effect: number | null;
            readonly interval: readonly [number, number];
            readonly pValue: number;
            readonly varianceRemoved: number;
            readonly verdict: 'better' | 'worse' | 'open';
          }
        | {
            readonly enough: false;
            readonly n: number;
            readonly needed: number;
            readonly metric: string;
            readonly arm: string;
          }
      )[];
      readonly secondary: readonly (
        | {
            readonly enough: true;
            readonly n: number;
            readonly metric: string;
            readonly arm: string;
            readonly control: string;
            readonly difference: number;
            readonly effect: number | null;
            readonly interval: readonly [number, number];
            readonly pValue: number;
            readonly varianceRemoved: number;
            readonly verdict: 'better' | 'worse' | 'open';
          }
        | {
            readonly enough: false;
            readonly n: number;
            readonly needed: number;
            readonly metric: string;
            readonly arm: string;
          }
      )[];
      readonly segments: readonly (
        | {
            readonly enough: true;
            readonly n: number;
            readonly metric: string;
            readonly arm: string;
            readonly control: string;
            readonly difference: number;
            readonly effect: number | null;
            readonly interval: readonly [number, number];
            readonly pValue: number;
            readonly varianceRemoved: number;
            readonly verdict: 'better' | 'worse' | 'open';
            readonly segment: string;
            readonly value: string;
          }
        | {
            readonly enough: false;
            readonly n: number;
            readonly needed: number;
            readonly metric: string;
            readonly arm: string;
            readonly segment: string;
            readonly value: string;
          }
      )[];
      readonly duels: readonly {
        readonly arm: string;
        readonly result:
          | {
              readonly enough: true;
              readonly n: number;
              readonly winRate: {
                readonly winRate: number;
                readonly winRateInterval: readonly [number, number];
                readonly wins: number;
                readonly ties: number;
                readonly losses: number;
                readonly lengthControlled: {
                  readonly winRate: number;
                  readonly interval: readonly [number, number] | null;
                  readonly lengthEffect: number;
                  readonly extrapolated: boolean;
                } | null;
                readonly lengthRatio: number;
                readonly prompts: number;
                readonly warnings: readonly string[];
              };
              readonly interval: readonly [number, number];
              readonly pValue: number;
              readonly firstShown: number | null;
            }
          | { readonly enough: false; readonly n: number; readonly needed: number };
        readonly cost: {
          readonly cost: number;
          readonly points: number;
          readonly perPoint: number | null;
          readonly interval: readonly [number, number] | null;
        } | null;
      }[];
    };
  };
  /** Set a lost password anew with a link; all sessions of the account end. */
  resetPassword: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly token: string; readonly password: string };
    readonly result: {
      readonly actor: string;
      readonly id: string | null;
      readonly name: string;
      readonly email: string | null;
      readonly administrator: boolean;
      readonly projects: readonly {
        readonly project: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      }[];
    };
  };
  /** Say how it ended. */
  resolveIncident: {
    readonly params: { readonly project: string; readonly incident: string };
    readonly query: undefined;
    readonly body: { readonly resolution: string };
    readonly result: {
      readonly id: string;
      readonly kind: string;
      readonly severity: number;
      readonly title: string;
      readonly deployment: string | null;
      readonly details: Readonly<Record<string, unknown>>;
      readonly state: 'open' | 'acknowledged' | 'resolved';
      readonly openedAt: unknown;
      readonly acknowledgedAt: unknown | null;
      readonly acknowledgedBy: string | null;
      readonly resolvedAt: unknown | null;
      readonly resolution: string | null;
    };
  };
  /** Show a hidden run again. */
  restoreRun: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Lets a paused annotator go on. */
  resumeAnnotator: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: { readonly name: string };
    readonly result: undefined;
  };
  /** Go on at the same step. */
  resumeRollOut: {
    readonly params: { readonly project: string; readonly rollOut: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Take up a run that was stopped or failed, from its checkpoints where it has any. */
  resumeRun: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly kind: string;
      readonly state: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
      readonly parent: string | null;
      readonly config: Readonly<Record<string, unknown>>;
      readonly tags: Readonly<Record<string, string>>;
      readonly error: string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly endedAt: string | null;
      readonly deletedAt: string | null;
      readonly taintedBy: string | null;
    };
  };
  /** Retire a bundle that serves nowhere. */
  retireBundle: {
    readonly params: { readonly project: string; readonly bundle: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Take a judgement back: it stays on record and is left out of snapshots from now on. */
  retractJudgement: {
    readonly params: { readonly judgement: string; readonly project: string };
    readonly query: undefined;
    readonly body: { readonly reason?: string };
    readonly result: undefined;
  };
  /** Revoke a key: it is refused from now on. */
  revokeKey: {
    readonly params: { readonly key: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Rewards, failures and lengths over time, by arm. */
  rewardsOverTime: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: { readonly from: string; readonly to: string; readonly seconds?: number };
    readonly body: undefined;
    readonly result: {
      readonly buckets: readonly {
        readonly at: unknown;
        readonly arm: 'production' | 'canary' | 'shadow';
        readonly responses: number;
        readonly scored: number;
        readonly failures: number;
        readonly incidents: number;
        readonly refusals: number;
        readonly truncations: number;
        readonly quantiles: readonly number[] | null;
        readonly meanReward: number | null;
        readonly meanLength: number | null;
        readonly meanRepetition: number | null;
      }[];
      readonly seconds: number;
    };
  };
  /** Take away the canary, or else bring the last good bundle back. */
  rollBackDeployment: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query: undefined;
    readonly body: { readonly after: number; readonly reason: string };
    readonly result: {
      readonly name: string;
      readonly revision: number;
      readonly bundle: string | null;
      readonly shadow: string | null;
      readonly canary: string | null;
      readonly canaryShare: number;
      readonly actor: string;
      readonly reason: string;
      readonly evidence: Readonly<Record<string, unknown>>;
      readonly createdAt: unknown;
    };
  };
  /** How the canary differed from production over the time of a roll-out, with intervals. */
  rollOutCourse: {
    readonly params: { readonly project: string; readonly rollOut: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly points: readonly {
        readonly at: unknown;
        readonly share: number;
        readonly units: number;
        readonly guardrails: readonly {
          readonly metric: string;
          readonly difference: number | null;
          readonly evidence: number | null;
          readonly needed: number;
          readonly interval: readonly [number, number] | null;
        }[];
      }[];
    };
  };
  /** Safety incidents per response, with the interval of so few. */
  safetyIncidents: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query?: { readonly from: string; readonly to: string };
    readonly body: undefined;
    readonly result: {
      readonly arms: readonly {
        readonly arm: string;
        readonly bundle: string | null;
        readonly incidents: number;
        readonly responses: number;
        readonly rate:
          | {
              readonly enough: true;
              readonly n: number;
              readonly rate: number;
              readonly interval: readonly [number, number];
            }
          | { readonly enough: false; readonly n: number; readonly needed: number };
      }[];
    };
  };
  /** Scores responses with a deployed reward model; each item has its own status. */
  score: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: {
      readonly model?: string;
      readonly mode?: 'fast' | 'thorough' | 'auto';
      readonly latency_budget_ms?: number;
      readonly truncation?: 'error' | 'left' | 'right';
      readonly user?: string;
      readonly id?: string;
      readonly prompt?:
        | string
        | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
      readonly response?: string;
      readonly responses?: readonly string[];
      readonly messages?: readonly {
        readonly role: 'system' | 'user' | 'assistant' | 'tool';
        readonly content: string;
      }[];
      readonly steps?: readonly {
        readonly response?: number;
        readonly steps: readonly string[];
        readonly separator?: string;
      }[];
      readonly segments?: Readonly<Record<string, string>>;
      readonly items?: readonly {
        readonly id?: string;
        readonly prompt?:
          | string
          | readonly { readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }[];
        readonly response?: string;
        readonly responses?: readonly string[];
        readonly messages?: readonly {
          readonly role: 'system' | 'user' | 'assistant' | 'tool';
          readonly content: string;
        }[];
        readonly steps?: readonly {
          readonly response?: number;
          readonly steps: readonly string[];
          readonly separator?: string;
        }[];
        readonly segments?: Readonly<Record<string, string>>;
      }[];
    };
    readonly result: {
      readonly id: string;
      readonly created: number;
      readonly model: string;
      readonly revision: number | null;
      readonly arm: 'production' | 'canary' | 'shadow';
      readonly bundle: string | null;
      readonly activation: 'none';
      readonly score_space: 'within_prompt';
      readonly usage: {
        readonly prompt_tokens: number | null;
        readonly total_tokens: number | null;
        readonly responses: number;
        readonly cached_responses: number;
      };
      readonly timing: {
        readonly total_ms: number;
        readonly queue_ms: number;
        readonly inference_ms: number;
        readonly batch_size: number;
      };
      readonly object: 'list';
      readonly data: readonly {
        readonly index: number;
        readonly id?: string;
        readonly object: 'reward';
        readonly status: 'ok' | 'error';
        readonly model_version: string;
        readonly kind: string;
        readonly formatting_digest: string | null;
        readonly mode: 'fast' | 'thorough';
        readonly escalation?: 'sure' | 'unsure' | 'no_time' | 'no_room' | 'failed' | 'no_proxy';
        readonly cached: boolean;
        readonly scores:
          | readonly {
              readonly index: number;
              readonly score: number;
              readonly normalised: number;
              readonly probability: number | null;
              readonly uncertainty: number | null;
              readonly objectives: Readonly<Record<string, number>>;
              readonly steps?: readonly number[];
              readonly parts?: readonly {
                readonly name: string;
                readonly value: number;
                readonly contribution: number;
              }[];
              readonly violations?: readonly string[];
              readonly tokens: number | null;
              readonly truncated: boolean | null;
              readonly guard?: {
                readonly action: 'allow' | 'review' | 'block';
                readonly reasons: readonly {
                  readonly reason: string;
                  readonly action: 'mark' | 'review' | 'block';
                }[];
              };
            }[]
          | null;
        readonly error?: { readonly code: string; readonly message: string; readonly cure: string };
      }[];
    };
  };
  /** Closes a task, or opens it again. */
  setLabellingTaskState: {
    readonly params: { readonly project: string; readonly task: string };
    readonly query: undefined;
    readonly body: { readonly state: 'open' | 'closed' };
    readonly result: undefined;
  };
  /** Let a bundle score all traffic unseen, or end that. */
  setShadow: {
    readonly params: { readonly project: string; readonly deployment: string };
    readonly query: undefined;
    readonly body: { readonly after: number; readonly reason: string; readonly bundle: string | null };
    readonly result: {
      readonly name: string;
      readonly revision: number;
      readonly bundle: string | null;
      readonly shadow: string | null;
      readonly canary: string | null;
      readonly canaryShare: number;
      readonly actor: string;
      readonly reason: string;
      readonly evidence: Readonly<Record<string, unknown>>;
      readonly createdAt: unknown;
    };
  };
  /** Point a name at a snapshot, wherever it pointed before. */
  setTag: {
    readonly params: { readonly tag: string; readonly project: string };
    readonly query: undefined;
    readonly body: { readonly snapshot: string };
    readonly result: undefined;
  };
  /** Sign in: the answer sets the cookie of a session. */
  signIn: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: { readonly email: string; readonly password: string };
    readonly result: {
      readonly actor: string;
      readonly id: string | null;
      readonly name: string;
      readonly email: string | null;
      readonly administrator: boolean;
      readonly projects: readonly {
        readonly project: string;
        readonly role: 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';
      }[];
    };
  };
  /** Sign out: the session ends at once. */
  signOut: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Tell nobody until a time; incidents still open. Null ends it. */
  silenceAlertRule: {
    readonly params: { readonly project: string; readonly rule: string };
    readonly query: undefined;
    readonly body: { readonly until: string | null };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly rule: Readonly<Record<string, unknown>>;
      readonly state: {
        readonly condition: 'ok' | 'pending' | 'firing' | 'no data';
        readonly since: number;
        readonly at: number;
        readonly value: number | null;
        readonly n: number;
        readonly incident: string | null;
        readonly told: number | null;
      };
      readonly silencedUntil: unknown | null;
      readonly createdBy: string;
      readonly createdAt: unknown;
    };
  };
  /** Passes an item over; others may get it. */
  skipLabellingItem: {
    readonly params: { readonly project: string; readonly assignment: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Start it: from now on the plan stays as it is. */
  startExperiment: {
    readonly params: { readonly project: string; readonly experiment: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
  /** Give a canary its first share. */
  startRollOut: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: {
      readonly deployment: string;
      readonly canary: string;
      readonly after: number;
      readonly reason: string;
      readonly plan?: {
        readonly steps?: readonly number[];
        readonly minutes?: number;
        readonly settle?: number;
        readonly units?: number;
        readonly patience?: number;
        readonly guardrails?: readonly (
          | {
              readonly metric: 'reward' | 'milliseconds';
              readonly margin?: number;
              readonly action?: 'roll_back' | 'pause';
            }
          | {
              readonly metric: 'incidents' | 'failures';
              readonly tolerated?: number;
              readonly atMost?: number;
              readonly action?: 'roll_back' | 'pause';
            }
        )[];
        readonly alpha?: number;
      };
    };
    readonly result: {
      readonly id: string;
      readonly deployment: string;
      readonly canary: string;
      readonly plan: Readonly<Record<string, unknown>>;
      readonly state: Readonly<Record<string, unknown>>;
      readonly status: 'running' | 'paused' | 'promoted' | 'rolled_back' | 'cancelled';
      readonly actor: string;
      readonly startedAt: unknown;
      readonly endedAt: unknown | null;
    };
  };
  /** Start a training, a distillation, or the making of judgements from signals. It runs apart from the server and goes on after a restart. */
  startRun: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body:
      | {
          readonly kind: 'reward.train';
          readonly name: string;
          readonly snapshot: string;
          readonly model?: 'linear' | 'probe' | 'transformer';
          readonly members?: number;
          readonly seed?: number;
          readonly fractions?: { readonly validation: number; readonly test: number };
          readonly limitPairs?: number;
          readonly despiteGates?: boolean;
          readonly settings?: {
            readonly base?: string;
            readonly full?: boolean;
            readonly rank?: number;
            readonly alpha?: number;
            readonly targets?: readonly string[];
            readonly dropout?: number;
            readonly merge?: boolean;
            readonly int8?: boolean;
            readonly half?: boolean;
            readonly recompute?: boolean;
            readonly epochs?: number;
            readonly learningRate?: number;
            readonly batchSize?: number;
            readonly maxLength?: number;
            readonly evaluateEvery?: number;
            readonly patience?: number;
            readonly objective?: string | Readonly<Record<string, unknown>>;
            readonly centring?: number;
            readonly labelSmoothing?: number;
            readonly margin?: number;
            readonly head?: 'linear' | 'bilinear' | 'mlp';
            readonly hidden?: number;
            readonly pooling?: readonly ('last' | 'mean' | 'first' | 'all' | 'alone')[];
            readonly depth?: number;
            readonly l2?: readonly number[];
          };
        }
      | {
          readonly kind: 'policy.train';
          readonly name: string;
          readonly method:
            | 'sft'
            | 'dpo'
            | 'simpo'
            | 'cpo'
            | 'orpo'
            | 'kto'
            | 'bco'
            | 'ppo'
            | 'rloo'
            | 'reinforce'
            | 'grpo'
            | 'online-dpo'
            | 'best-of-n';
          readonly policy: string;
          readonly reward?: string | 'gold';
          readonly gold?: string | 'gold';
          readonly snapshot: string;
          readonly seed?: number;
          readonly despiteGates?: boolean;
          readonly settings?: {
            readonly full?: boolean;
            readonly rank?: number;
            readonly alpha?: number;
            readonly targets?: readonly string[];
            readonly int8?: boolean;
            readonly learningRate?: number;
            readonly schedule?: 'constant' | 'linear' | 'cosine';
            readonly maxLength?: number;
            readonly evaluateEvery?: number;
            readonly patience?: number;
            readonly epochs?: number;
            readonly batchSize?: number;
            readonly loss?: string;
            readonly beta?: number;
            readonly labelSmoothing?: number;
            readonly gamma?: number;
            readonly supervised?: number;
            readonly steps?: number;
            readonly promptsPerStep?: number;
            readonly samples?: number;
            readonly maxNewTokens?: number;
            readonly temperature?: number;
            readonly topK?: number;
            readonly topP?: number;
            readonly minP?: number;
            readonly innerEpochs?: number;
            readonly minibatches?: number;
            readonly clip?: number;
            readonly clipHigh?: number;
            readonly dualClip?: number;
            readonly kl?: number;
            readonly klTarget?: number;
            readonly klHorizon?: number;
            readonly klEstimator?: 'k1' | 'k3';
            readonly klLimit?: number;
            readonly entropy?: number;
            readonly discount?: number;
            readonly lambda?: number;
            readonly valueClip?: number;
            readonly valueCoefficient?: number;
            readonly whitenRewards?: boolean;
            readonly whitenAdvantages?: boolean;
            readonly rewardClip?: number;
            readonly missingEndPenalty?: number;
            readonly normalisation?: 'token' | 'response' | 'length';
            readonly scaleRewards?: 'group' | 'batch' | 'none';
            readonly importance?: 'token' | 'sequence';
            readonly onRewardFailure?: 'stop' | 'drop';
            readonly rewardRetries?: number;
            readonly pastPeak?: boolean;
            readonly heldOut?: number;
          };
        }
      | {
          readonly kind: 'reward.distil';
          readonly name: string;
          readonly teacher: string;
          readonly snapshot: string;
          readonly model?: 'linear' | 'probe';
          readonly seed?: number;
          readonly fractions?: { readonly validation: number; readonly test: number };
          readonly despiteGates?: boolean;
          readonly settings?: {
            readonly l2?: readonly number[];
            readonly head?: 'linear' | 'bilinear' | 'mlp';
            readonly hidden?: number;
            readonly pooling?: readonly ('last' | 'mean' | 'first' | 'all' | 'alone')[];
            readonly depth?: number;
            readonly rank?: number;
            readonly maxLength?: number;
            readonly base?: string;
          };
        }
      | {
          readonly kind: 'feedback.judgements';
          readonly name: string;
          readonly dataset?: string;
          readonly rules?: {
            readonly schema: 1;
            readonly rules: readonly {
              readonly name: string;
              readonly signal:
                | 'thumb'
                | 'copy'
                | 'edit'
                | 'regenerate'
                | 'complaint'
                | 'task'
                | 'tests'
                | 'dwell';
              readonly gives: 'label' | 'comparison' | 'edit';
              readonly criterion?: string;
              readonly minDwellSeconds?: number;
              readonly minChange?: number;
              readonly maxChange?: number;
              readonly weight: number;
              readonly weightSource: 'stated' | 'calibrated';
            }[];
            readonly propensity: {
              readonly by: readonly ('surface' | 'policy' | 'language' | 'asked' | 'length')[];
              readonly clip: number;
              readonly prior: number;
            };
            readonly perUserAndDay: number;
            readonly fewestPairs: number;
            readonly requireConsent: boolean;
          };
          readonly calibrateWith?: string;
          readonly settledMinutes?: number;
        };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly kind: string;
      readonly state: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
      readonly parent: string | null;
      readonly config: Readonly<Record<string, unknown>>;
      readonly tags: Readonly<Record<string, string>>;
      readonly error: string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly endedAt: string | null;
      readonly deletedAt: string | null;
      readonly taintedBy: string | null;
    };
  };
  /** Stop it with what it says now as its conclusion. */
  stopExperiment: {
    readonly params: { readonly project: string; readonly experiment: string };
    readonly query: undefined;
    readonly body: {
      readonly reason: string;
      readonly costs?: Readonly<
        Record<string, { readonly labels?: number; readonly compute?: number; readonly judge?: number }>
      >;
    };
    readonly result: undefined;
  };
  /** Set tags of a run one by one; the others stay. */
  tagRun: {
    readonly params: { readonly run: string; readonly project: string };
    readonly query: undefined;
    readonly body: Readonly<Record<string, string>>;
    readonly result: undefined;
  };
  /** Send a message that says it is a trial to every channel of a rule. */
  tryAlertRule: {
    readonly params: { readonly project: string; readonly rule: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly channels: readonly { readonly to: string; readonly problem: string | null }[];
    };
  };
  /** Takes one of the last ten answers or skips back and shows the item again. */
  undoLabellingItem: {
    readonly params: { readonly project: string; readonly assignment: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: {
      readonly assignment: string;
      readonly prompt: readonly {
        readonly role: 'system' | 'user' | 'assistant' | 'tool';
        readonly content: string;
      }[];
      readonly responses: readonly string[];
      readonly steps?: readonly string[];
      readonly language?: string;
    };
  };
  /** Go through the whole chain. Keep `last` elsewhere to see later that nothing was cut off. */
  verifyAudit: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result:
      | { readonly intact: true; readonly entries: number; readonly last: string }
      | { readonly intact: false; readonly seq: number };
  };
  /** The key with which webhooks of this project are signed. */
  webhookKey: {
    readonly params: { readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: { readonly key: string };
  };
  /** Withdraw an invitation. */
  withdrawInvitation: {
    readonly params: { readonly invitation: string; readonly project: string };
    readonly query: undefined;
    readonly body: undefined;
    readonly result: undefined;
  };
}

export const operations = {
  acceptInvitation: { method: 'POST', path: '/v1/link/accept' },
  acknowledgeIncident: { method: 'POST', path: '/v1/projects/{project}/incidents/{incident}/acknowledge' },
  annotatorHealth: { method: 'GET', path: '/v1/projects/{project}/annotator-health' },
  answerLabellingItem: {
    method: 'PUT',
    path: '/v1/projects/{project}/labelling/assignments/{assignment}/answer',
  },
  approveBundle: { method: 'POST', path: '/v1/projects/{project}/bundles/{bundle}/approvals' },
  assignUnit: { method: 'POST', path: '/v1/projects/{project}/experiments/{experiment}/assign' },
  bestOfN: { method: 'POST', path: '/v1/best-of-n' },
  cancelRun: { method: 'POST', path: '/v1/projects/{project}/runs/{run}/cancellation' },
  changeAlertRule: { method: 'PUT', path: '/v1/projects/{project}/alert-rules/{rule}' },
  changeMe: { method: 'PATCH', path: '/v1/me' },
  changeMember: { method: 'PUT', path: '/v1/projects/{project}/members/{user}' },
  changePassword: { method: 'POST', path: '/v1/me/password' },
  changeSettings: { method: 'PATCH', path: '/v1/projects/{project}/settings' },
  checkBundleParity: { method: 'POST', path: '/v1/projects/{project}/bundles/{bundle}/parity' },
  checkGuardrails: { method: 'POST', path: '/v1/projects/{project}/guardrails/check' },
  compareRuns: { method: 'GET', path: '/v1/projects/{project}/run-comparison' },
  compareShadow: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/shadow' },
  createAlertRule: { method: 'POST', path: '/v1/projects/{project}/alert-rules' },
  createBundle: { method: 'POST', path: '/v1/projects/{project}/bundles' },
  createDataset: { method: 'POST', path: '/v1/projects/{project}/datasets' },
  createExperiment: { method: 'POST', path: '/v1/projects/{project}/experiments' },
  createKey: { method: 'POST', path: '/v1/projects/{project}/keys' },
  createLabellingTask: { method: 'POST', path: '/v1/projects/{project}/labelling/tasks' },
  createProject: { method: 'POST', path: '/v1/projects' },
  createSnapshot: { method: 'POST', path: '/v1/projects/{project}/snapshots' },
  decideLabellingItem: { method: 'PUT', path: '/v1/projects/{project}/labelling/items/{item}/verdict' },
  decideReview: { method: 'POST', path: '/v1/projects/{project}/reviews/{review}/decide' },
  deleteModel: { method: 'DELETE', path: '/v1/projects/{project}/models/{model}' },
  deleteRun: { method: 'DELETE', path: '/v1/projects/{project}/runs/{run}' },
  deploymentHistory: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/history' },
  diffSnapshots: { method: 'GET', path: '/v1/projects/{project}/snapshots/{snapshot}/diff/{to}' },
  drift: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/drift' },
  endOtherSessions: { method: 'DELETE', path: '/v1/me/sessions' },
  erasePerson: { method: 'POST', path: '/v1/projects/{project}/erasures' },
  errorBudget: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/burn' },
  evaluateBundle: { method: 'POST', path: '/v1/projects/{project}/bundles/{bundle}/evaluate' },
  experimentSize: { method: 'GET', path: '/v1/projects/{project}/experiment-size' },
  exportSnapshot: { method: 'GET', path: '/v1/projects/{project}/snapshots/{snapshot}/export' },
  getBundle: { method: 'GET', path: '/v1/projects/{project}/bundles/{bundle}' },
  getBundleCard: { method: 'GET', path: '/v1/projects/{project}/bundles/{bundle}/card' },
  getDataset: { method: 'GET', path: '/v1/projects/{project}/datasets/{dataset}' },
  getDeployment: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}' },
  getExperiment: { method: 'GET', path: '/v1/projects/{project}/experiments/{experiment}' },
  getGates: { method: 'GET', path: '/v1/projects/{project}/snapshots/{snapshot}/gates' },
  getJudgement: { method: 'GET', path: '/v1/projects/{project}/judgements/{judgement}' },
  getLabellingProgress: { method: 'GET', path: '/v1/projects/{project}/labelling/tasks/{task}/progress' },
  getLabellingTask: { method: 'GET', path: '/v1/projects/{project}/labelling/tasks/{task}' },
  getLineage: { method: 'GET', path: '/v1/projects/{project}/lineage' },
  getLiveModel: { method: 'GET', path: '/v1/projects/{project}/labelling/tasks/{task}/live' },
  getModel: { method: 'GET', path: '/v1/projects/{project}/models/{model}' },
  getModelFile: { method: 'GET', path: '/v1/projects/{project}/models/{model}/files/{path}' },
  getProject: { method: 'GET', path: '/v1/projects/{project}' },
  getReview: { method: 'GET', path: '/v1/projects/{project}/reviews/{review}' },
  getRollOut: { method: 'GET', path: '/v1/projects/{project}/roll-outs/{rollOut}' },
  getRun: { method: 'GET', path: '/v1/projects/{project}/runs/{run}' },
  getRunArtifact: { method: 'GET', path: '/v1/projects/{project}/runs/{run}/artifacts/{path}' },
  getSeries: { method: 'GET', path: '/v1/projects/{project}/runs/{run}/series' },
  getSnapshot: { method: 'GET', path: '/v1/projects/{project}/snapshots/{snapshot}' },
  giveFeedback: { method: 'POST', path: '/v1/feedback' },
  hackingSigns: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/hacking' },
  health: { method: 'GET', path: '/healthz' },
  humanAgreement: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/human-agreement' },
  importFile: { method: 'POST', path: '/v1/projects/{project}/datasets/{dataset}/imports', upload: true },
  invite: { method: 'POST', path: '/v1/projects/{project}/invitations' },
  listAlertRules: { method: 'GET', path: '/v1/projects/{project}/alert-rules' },
  listAnnotators: { method: 'GET', path: '/v1/projects/{project}/labelling/annotators' },
  listAudit: { method: 'GET', path: '/v1/projects/{project}/audit' },
  listBundles: { method: 'GET', path: '/v1/projects/{project}/bundles' },
  listDatasets: { method: 'GET', path: '/v1/projects/{project}/datasets' },
  listDeployed: { method: 'GET', path: '/v1/deployed' },
  listDeployments: { method: 'GET', path: '/v1/projects/{project}/deployments' },
  listExperiments: { method: 'GET', path: '/v1/projects/{project}/experiments' },
  listImports: { method: 'GET', path: '/v1/projects/{project}/datasets/{dataset}/imports' },
  listIncidents: { method: 'GET', path: '/v1/projects/{project}/incidents' },
  listInvitations: { method: 'GET', path: '/v1/projects/{project}/invitations' },
  listKeys: { method: 'GET', path: '/v1/projects/{project}/keys' },
  listLabellingDisputes: { method: 'GET', path: '/v1/projects/{project}/labelling/tasks/{task}/disputes' },
  listLabellingTasks: { method: 'GET', path: '/v1/projects/{project}/labelling/tasks' },
  listMembers: { method: 'GET', path: '/v1/projects/{project}/members' },
  listMistakes: { method: 'GET', path: '/v1/projects/{project}/models/{model}/mistakes' },
  listModels: { method: 'GET', path: '/v1/projects/{project}/models' },
  listProjects: { method: 'GET', path: '/v1/projects' },
  listReviews: { method: 'GET', path: '/v1/projects/{project}/reviews' },
  listRollOuts: { method: 'GET', path: '/v1/projects/{project}/roll-outs' },
  listRows: { method: 'GET', path: '/v1/projects/{project}/datasets/{dataset}/rows' },
  listRunArtifacts: { method: 'GET', path: '/v1/projects/{project}/runs/{run}/artifacts' },
  listRuns: { method: 'GET', path: '/v1/projects/{project}/runs' },
  listSamples: { method: 'GET', path: '/v1/projects/{project}/models/{model}/samples' },
  listSessions: { method: 'GET', path: '/v1/me/sessions' },
  listSnapshotRows: { method: 'GET', path: '/v1/projects/{project}/snapshots/{snapshot}/rows' },
  listSnapshots: { method: 'GET', path: '/v1/projects/{project}/snapshots' },
  listTags: { method: 'GET', path: '/v1/projects/{project}/tags' },
  listUsers: { method: 'GET', path: '/v1/users' },
  makeAdministratorLink: { method: 'POST', path: '/v1/users/administrator-link' },
  makePasswordLink: { method: 'POST', path: '/v1/users/{user}/password-link' },
  me: { method: 'GET', path: '/v1/me' },
  metrics: { method: 'GET', path: '/metrics' },
  mlflowCreateExperiment: { method: 'POST', path: '/api/2.0/mlflow/experiments/create' },
  mlflowCreateRun: { method: 'POST', path: '/api/2.0/mlflow/runs/create' },
  mlflowDeleteArtifact: { method: 'DELETE', path: '/api/2.0/mlflow-artifacts/artifacts/{path}' },
  mlflowDeleteRun: { method: 'POST', path: '/api/2.0/mlflow/runs/delete' },
  mlflowDeleteTag: { method: 'POST', path: '/api/2.0/mlflow/runs/delete-tag' },
  mlflowDownloadArtifact: { method: 'GET', path: '/api/2.0/mlflow-artifacts/artifacts/{path}' },
  mlflowGetExperiment: { method: 'GET', path: '/api/2.0/mlflow/experiments/get' },
  mlflowGetExperimentByName: { method: 'GET', path: '/api/2.0/mlflow/experiments/get-by-name' },
  mlflowGetRun: { method: 'GET', path: '/api/2.0/mlflow/runs/get' },
  mlflowListArtifacts: { method: 'GET', path: '/api/2.0/mlflow/artifacts/list' },
  mlflowListArtifactsByPath: { method: 'GET', path: '/api/2.0/mlflow-artifacts/artifacts' },
  mlflowLogBatch: { method: 'POST', path: '/api/2.0/mlflow/runs/log-batch' },
  mlflowLogInputs: { method: 'POST', path: '/api/2.0/mlflow/runs/log-inputs' },
  mlflowLogMetric: { method: 'POST', path: '/api/2.0/mlflow/runs/log-metric' },
  mlflowLogParameter: { method: 'POST', path: '/api/2.0/mlflow/runs/log-parameter' },
  mlflowMetricHistory: { method: 'GET', path: '/api/2.0/mlflow/metrics/get-history' },
  mlflowRestoreRun: { method: 'POST', path: '/api/2.0/mlflow/runs/restore' },
  mlflowSearchExperiments: { method: 'POST', path: '/api/2.0/mlflow/experiments/search' },
  mlflowSearchExperimentsByGet: { method: 'GET', path: '/api/2.0/mlflow/experiments/search' },
  mlflowSearchLoggedModels: { method: 'POST', path: '/api/2.0/mlflow/logged-models/search' },
  mlflowSearchRuns: { method: 'POST', path: '/api/2.0/mlflow/runs/search' },
  mlflowServerInfo: { method: 'GET', path: '/api/3.0/mlflow/server-info' },
  mlflowSetExperimentTag: { method: 'POST', path: '/api/2.0/mlflow/experiments/set-experiment-tag' },
  mlflowSetTag: { method: 'POST', path: '/api/2.0/mlflow/runs/set-tag' },
  mlflowUpdateRun: { method: 'POST', path: '/api/2.0/mlflow/runs/update' },
  mlflowUploadArtifact: { method: 'PUT', path: '/api/2.0/mlflow-artifacts/artifacts/{path}', upload: true },
  nextLabellingItems: { method: 'POST', path: '/v1/projects/{project}/labelling/tasks/{task}/next' },
  openApi: { method: 'GET', path: '/openapi.json' },
  openLink: { method: 'POST', path: '/v1/link' },
  pauseRollOut: { method: 'POST', path: '/v1/projects/{project}/roll-outs/{rollOut}/pause' },
  planExperiment: { method: 'PUT', path: '/v1/projects/{project}/experiments/{experiment}/plan' },
  promoteBundle: { method: 'POST', path: '/v1/projects/{project}/deployments/{deployment}/promote' },
  rank: { method: 'POST', path: '/v1/rank' },
  ready: { method: 'GET', path: '/readyz' },
  recentLabellingItems: { method: 'GET', path: '/v1/projects/{project}/labelling/tasks/{task}/recent' },
  recordEvaluation: { method: 'POST', path: '/v1/projects/{project}/bundles/{bundle}/evaluation' },
  recordGoldenScores: { method: 'POST', path: '/v1/projects/{project}/bundles/{bundle}/golden' },
  recordOutcome: { method: 'POST', path: '/v1/projects/{project}/experiments/{experiment}/outcomes' },
  removeAlertRule: { method: 'DELETE', path: '/v1/projects/{project}/alert-rules/{rule}' },
  removeMember: { method: 'DELETE', path: '/v1/projects/{project}/members/{user}' },
  removeTag: { method: 'DELETE', path: '/v1/projects/{project}/tags/{tag}' },
  removeUser: { method: 'DELETE', path: '/v1/users/{user}' },
  reportExperiment: { method: 'POST', path: '/v1/projects/{project}/experiments/{experiment}/report' },
  resetPassword: { method: 'POST', path: '/v1/link/password' },
  resolveIncident: { method: 'POST', path: '/v1/projects/{project}/incidents/{incident}/resolve' },
  restoreRun: { method: 'POST', path: '/v1/projects/{project}/runs/{run}/restoration' },
  resumeAnnotator: { method: 'POST', path: '/v1/projects/{project}/labelling/annotators/resume' },
  resumeRollOut: { method: 'POST', path: '/v1/projects/{project}/roll-outs/{rollOut}/resume' },
  resumeRun: { method: 'POST', path: '/v1/projects/{project}/runs/{run}/resumption' },
  retireBundle: { method: 'POST', path: '/v1/projects/{project}/bundles/{bundle}/retire' },
  retractJudgement: { method: 'POST', path: '/v1/projects/{project}/judgements/{judgement}/retraction' },
  revokeKey: { method: 'DELETE', path: '/v1/projects/{project}/keys/{key}' },
  rewardsOverTime: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/rewards' },
  rollBackDeployment: { method: 'POST', path: '/v1/projects/{project}/deployments/{deployment}/roll-back' },
  rollOutCourse: { method: 'GET', path: '/v1/projects/{project}/roll-outs/{rollOut}/course' },
  safetyIncidents: { method: 'GET', path: '/v1/projects/{project}/deployments/{deployment}/safety' },
  score: { method: 'POST', path: '/v1/score' },
  setLabellingTaskState: { method: 'PUT', path: '/v1/projects/{project}/labelling/tasks/{task}/state' },
  setShadow: { method: 'PUT', path: '/v1/projects/{project}/deployments/{deployment}/shadow' },
  setTag: { method: 'PUT', path: '/v1/projects/{project}/tags/{tag}' },
  signIn: { method: 'POST', path: '/v1/session' },
  signOut: { method: 'DELETE', path: '/v1/session' },
  silenceAlertRule: { method: 'PUT', path: '/v1/projects/{project}/alert-rules/{rule}/silence' },
  skipLabellingItem: {
    method: 'PUT',
    path: '/v1/projects/{project}/labelling/assignments/{assignment}/skip',
  },
  startExperiment: { method: 'POST', path: '/v1/projects/{project}/experiments/{experiment}/start' },
  startRollOut: { method: 'POST', path: '/v1/projects/{project}/roll-outs' },
  startRun: { method: 'POST', path: '/v1/projects/{project}/runs' },
  stopExperiment: { method: 'POST', path: '/v1/projects/{project}/experiments/{experiment}/stop' },
  tagRun: { method: 'PUT', path: '/v1/projects/{project}/runs/{run}/tags' },
  tryAlertRule: { method: 'POST', path: '/v1/projects/{project}/alert-rules/{rule}/trial' },
  undoLabellingItem: {
    method: 'PUT',
    path: '/v1/projects/{project}/labelling/assignments/{assignment}/undo',
  },
  verifyAudit: { method: 'GET', path: '/v1/projects/{project}/audit/verification' },
  webhookKey: { method: 'GET', path: '/v1/projects/{project}/webhook-key' },
  withdrawInvitation: { method: 'DELETE', path: '/v1/projects/{project}/invitations/{invitation}' },
} as const satisfies Record<keyof Operations, object>;
