/** @file Three ways to take ties, each as the probabilities of a win, a tie and a loss with their derivatives. */
import { logSigmoid, sigmoid } from '@plaudit/contract';

/** ln P(outcome) and its derivatives by the lead of a over b and by the parameter of ties. */
interface OutcomeTerms {
  readonly log: number;
  readonly lead: number;
  readonly tie: number;
  readonly leadLead: number;
  readonly leadTie: number;
  readonly tieTie: number;
}

/** Of a win of a, a win of b, and a tie. */
export type Outcomes = readonly [aWins: OutcomeTerms, bWins: OutcomeTerms, ties: OutcomeTerms];

export interface OutcomeModel {
  /** Whether there is a parameter of ties. */
  readonly hasTie: boolean;
  readonly outcomes: (lead: number, tie: number) => Outcomes;
  /** Where the search for the parameter starts, from the share of ties. */
  readonly start: (share: number) => number;
}

/**
 * How ties are taken. half: half a win for either side, as R's BradleyTerry2 does; it is no likelihood, and its estimates
 * are good all the same. davidson, rao-kupper: as a third outcome with a parameter of its own.
 */
export type TieRule = 'half' | 'davidson' | 'rao-kupper';

const half: OutcomeModel = {
  hasTie: false,
  start: () => 0,
  outcomes: (lead) => {
    const p = sigmoid(lead);
    const bend = { leadLead: -p * (1 - p), leadTie: 0, tie: 0, tieTie: 0 };
    const [a, b] = [logSigmoid(lead), logSigmoid(-lead)];
    return [
      { log: a, lead: 1 - p, ...bend },
      { log: b, lead: -p, ...bend },
      { log: (a + b) / 2, lead: 0.5 - p, ...bend },
    ];
  },
};

/**
 * P(win) : P(tie) : P(loss) = e^(lead/2) : e^κ : e^(-lead/2). Equal systems tie with probability ν / (ν + 2), ν = e^κ.
 *
 * @see Davidson 1970, "On extending the Bradley-Terry model to accommodate ties in paired comparison experiments"
 */
const davidson: OutcomeModel = {
  hasTie: true,
  start: (share) => Math.log((2 * share) / (1 - share)),
  outcomes: (lead, kappa) => {
    const most = Math.max(Math.abs(lead) / 2, kappa);
    const [a, b, t] = [Math.exp(lead / 2 - most), Math.exp(-lead / 2 - most), Math.exp(kappa - most)];
    const all = a + b + t;
    const logAll = most + Math.log(all);
    const tie = t / all;
    const mean = (a - b) / (2 * all);
    const bend = {
      leadLead: mean * mean - (a + b) / (4 * all),
      leadTie: mean * tie,
      tieTie: -tie * (1 - tie),
    };
    return [
      { log: lead / 2 - logAll, lead: 0.5 - mean, tie: -tie, ...bend },
      { log: -lead / 2 - logAll, lead: -0.5 - mean, tie: -tie, ...bend },
      { log: kappa - logAll, lead: -mean, tie: 1 - tie, ...bend },
    ];
  },
};

/**
 * P(win) = sigmoid(lead - η), P(loss) = sigmoid(-lead - η): a lead below the threshold η goes unnoticed. Equal systems tie
 * with probability (θ - 1) / (θ + 1), θ = e^η.
 *
 * @see Rao and Kupper 1967, "Ties in paired-comparison experiments"
 */
const raoKupper: OutcomeModel = {
  hasTie: true,
  start: (share) => Math.log((1 + share) / (1 - share)),
  outcomes: (lead, eta) => {
    if (!(eta > 0)) return [impossible, impossible, impossible];
    const [a, b] = [sigmoid(lead - eta), sigmoid(-lead - eta)];
    const [bendA, bendB] = [a * (1 - a), b * (1 - b)];
    const gap = Math.expm1(2 * eta);
    return [
      {
        log: logSigmoid(lead - eta),
        lead: 1 - a,
        tie: a - 1,
        leadLead: -bendA,
        leadTie: bendA,
        tieTie: -bendA,
      },
      {
        log: logSigmoid(-lead - eta),
        lead: b - 1,
        tie: b - 1,
        leadLead: -bendB,
        leadTie: -bendB,
        tieTie: -bendB,
      },
      {
        log: logSigmoid(eta - lead) + logSigmoid(eta + lead) + Math.log(-Math.expm1(-2 * eta)),
        lead: b - a,
        tie: a + b + 2 / gap,
        leadLead: -bendA - bendB,
        leadTie: bendA - bendB,
        tieTie: -bendA - bendB - (4 * (gap + 1)) / (gap * gap),
      },
    ];
  },
};

const impossible: OutcomeTerms = {
  log: Number.NEGATIVE_INFINITY,
  lead: 0,
  tie: 0,
  leadLead: 0,
  leadTie: 0,
  tieTie: 0,
};

export const outcomeModels: Readonly<Record<TieRule, OutcomeModel>> = {
  half,
  davidson,
  'rao-kupper': raoKupper,
};
