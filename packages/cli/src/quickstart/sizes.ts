/** @file How much of everything the quickstart makes. */

export interface Sizes {
  readonly prompts: number;
  /** Judgements that are there at first, and those that come later. */
  readonly votes: number;
  readonly moreVotes: number;
  readonly transformer: { readonly pairs: number; readonly epochs: number };
  readonly sft: { readonly epochs: number };
  readonly ppo: { readonly steps: number; readonly promptsPerStep: number; readonly heldOut: number };
  /** Customers before the first canary: of what serves, and of what only shadows. */
  readonly firstCustomers: number;
  readonly shadowCustomers: number;
  /** Prompts that nobody has seen, on which policies are measured. */
  readonly freshPrompts: number;
  /** Customers of the experiment. */
  readonly customers: number;
  /** Customers whom a canary has to answer at each step. */
  readonly unitsOfStep: number;
  /** Items of each labelling task. */
  readonly items: number;
}

/** Enough for results that are clear, in a few minutes on two processor cores. */
const full: Sizes = {
  prompts: 800,
  votes: 4000,
  moreVotes: 2400,
  transformer: { pairs: 6000, epochs: 2 },
  sft: { epochs: 4 },
  ppo: { steps: 20, promptsPerStep: 16, heldOut: 64 },
  firstCustomers: 240,
  shadowCustomers: 240,
  freshPrompts: 80,
  customers: 240,
  unitsOfStep: 100,
  items: 24,
};

/** Shows that everything works: enough judgements for a canary to be told from a bad one, and trainings that have hardly begun. */
const small: Sizes = {
  prompts: 500,
  votes: 3000,
  moreVotes: 200,
  transformer: { pairs: 60, epochs: 1 },
  sft: { epochs: 1 },
  ppo: { steps: 2, promptsPerStep: 4, heldOut: 8 },
  firstCustomers: 120,
  shadowCustomers: 60,
  freshPrompts: 12,
  customers: 40,
  unitsOfStep: 80,
  items: 4,
};

export const sizesOf = (isSmall: boolean): Sizes => (isSmall ? small : full);
