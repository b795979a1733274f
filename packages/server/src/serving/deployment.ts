/** @file What serves under a name: versions of models by arm, and which arm answers whom. */
import { createHash } from 'node:crypto';
import type { Prompt } from '@plaudit/contract';
import type { BundleGuard } from '../guardrails/index.ts';
import type { EscalationRule } from './escalation.ts';
import type { ServedModel } from './model-thread.ts';
import type { ServedVersion } from './served-version.ts';

/** The models of one bundle. */
export interface ArmPlan {
  /** Id of the bundle; null where a model serves without one. */
  readonly bundle?: string | null;
  readonly model: ServedModel;
  /** A quicker model that answers in its place where that is enough. */
  readonly proxy?: ServedModel;
  /** What the bundle's responses may not be. Default: nothing is asked of them. */
  readonly guardrails?: Readonly<Record<string, unknown>>;
}

/** What is to serve under a name. */
export interface DeploymentPlan {
  /** Of the deployment in the store. */
  readonly revision?: number;
  readonly production: ArmPlan;
  /** Answers for a share of the callers, 0 to 1. */
  readonly canary?: ArmPlan & { readonly share: number };
  /** Scores everything as well, and nobody sees it but those who watch. */
  readonly shadow?: ArmPlan;
  readonly escalation?: Partial<EscalationRule>;
}

export const armNames = ['production', 'canary', 'shadow'] as const;
export type ArmName = (typeof armNames)[number];

export interface Arm {
  readonly name: ArmName;
  readonly bundle: string | null;
  readonly model: ServedVersion;
  readonly proxy: ServedVersion | null;
  readonly guard: BundleGuard | null;
}

export interface Deployment {
  readonly project: string;
  readonly name: string;
  readonly plan: DeploymentPlan;
  readonly production: Arm;
  readonly canary: Arm | null;
  readonly shadow: Arm | null;
}

/** A number from 0 to 1 that is the same for the same unit of a deployment, whoever asks. */
const placeOf = (name: string, unit: string): number =>
  createHash('sha256').update(`plaudit canary\n${name}\n${unit}`).digest().readUInt32BE(0) / 2 ** 32;

/** What stays in one arm where no user is named. */
export const unitOfPrompt = (prompt: Prompt): string =>
  prompt.map(({ role, content }) => `${role}: ${content}`).join('\n');

/**
 * The arm that answers a unit. A unit that the canary answers at some share is answered by it at every larger share.
 *
 * @param unitOf What stays in one arm: a user, or the text of a prompt where nobody is named
 */
export const armFor = ({ name, plan, production, canary }: Deployment, unitOf: () => string): Arm =>
  canary && plan.canary && placeOf(name, unitOf()) < plan.canary.share ? canary : production;
