/** @file Promotions: what serves, the states of bundles, a roll-out and the audit entry change together or not at all. */
import type { BundleState, JsonObject, RollOutStatus } from '../tables.ts';
import { appendAudit, type NewAuditEntry } from './audit.ts';
import { bundles } from './bundles.ts';
import { type Deployment, type DeploymentChange, deployments } from './deployments.ts';
import { type NewRollOut, type RollOut, rollOuts } from './roll-outs.ts';
import type { Scope } from './scope.ts';

export interface Promotion {
  /** What serves from now on; absent where that stays. */
  readonly deployment?: { readonly name: string; readonly change: DeploymentChange };
  readonly moves?: readonly {
    readonly bundle: string;
    readonly from: BundleState;
    readonly to: BundleState;
  }[];
  /** A roll-out that begins. */
  readonly start?: NewRollOut;
  /** A roll-out that goes on or ends. */
  readonly rollOut?: {
    readonly id: string;
    readonly after: number;
    readonly status: RollOutStatus;
    readonly state: JsonObject;
  };
  /** Of the deployment's new revision its number is added to the details. */
  readonly audit: NewAuditEntry;
}

export const promotions = (scope: Scope) => {
  const { db, project, now } = scope;
  return {
    /** @throws PlauditError store.overtaken where something has changed since it was read; then nothing is changed */
    apply: (
      promotion: Promotion,
    ): Promise<{ readonly deployment: Deployment | null; readonly started: RollOut | null }> =>
      db.transaction().execute(async (query) => {
        // One moment for all of it: what a roll-out served is found by its times.
        const at = now();
        const within: Scope = { ...scope, db: query, now: () => at };
        const { deployment, moves = [], start, rollOut, audit } = promotion;
        const made = deployment ? await deployments(within).change(deployment.name, deployment.change) : null;
        for (const { bundle, from, to } of moves)
          if (from !== to) await bundles(within).move(bundle, from, to);
        const started = start ? await rollOuts(within).start(start) : null;
        if (rollOut) await rollOuts(within).change(rollOut.id, rollOut.after, rollOut);
        const details = { ...audit.details, ...(made && { revision: made.revision }) };
        await appendAudit(query, project.id, { ...audit, details }, at);
        return { deployment: made, started };
      }),
  };
};
