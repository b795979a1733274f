/** @file Observations: one row a response that was served or shadowed, and what adds up over them. */
import { sql } from 'kysely';
import { storableName } from '../names.ts';
import type { ObservedArm, Row } from '../tables.ts';
import { bytes, own, type Scope } from './scope.ts';

export type Observation = Row<'observations'>;

export interface NewObservation {
  readonly deployment: string;
  readonly arm: ObservedArm;
  readonly bundle?: string | null;
  /** Digest of the user, or of whatever stays in one arm. */
  readonly unit?: string;
  /** Ids of the texts, stored or not. */
  readonly prompt?: string;
  readonly response?: string;
  /** Absent where it could not be scored. */
  readonly reward?: number;
  readonly z?: number;
  readonly uncertainty?: number;
  /** What the production arm's reward model says of the same response, where this arm has another one. */
  readonly productionReward?: number;
  /** Of the response, in characters. */
  readonly length?: number;
  readonly milliseconds?: number;
  readonly failed?: boolean;
  readonly incident?: boolean;
  readonly refused?: boolean;
  readonly truncated?: boolean;
  readonly repetition?: number;
  readonly segments?: Readonly<Record<string, string>>;
}

/** A span of time, its end not included. */
export interface Span {
  readonly deployment: string;
  readonly from: Date;
  readonly to: Date;
}

/** Mean and variance over units: the responses to one user are not independent. */
interface UnitMoments {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

export interface ArmTotals {
  readonly arm: ObservedArm;
  readonly bundle: string | null;
  readonly responses: number;
  readonly units: number;
  readonly reward: UnitMoments;
  /** What the production arm's reward model said of the responses of this arm. */
  readonly productionReward: UnitMoments;
  readonly milliseconds: UnitMoments;
  /** 99th percentile, of responses. */
  readonly slowest: number | null;
  /** Units to which it happened at least once. */
  readonly failedUnits: number;
  readonly incidentUnits: number;
  readonly failures: number;
  readonly incidents: number;
  readonly refusals: number;
  readonly truncations: number;
}

export interface Bucket {
  readonly at: Date;
  readonly arm: ObservedArm;
  readonly responses: number;
  readonly scored: number;
  readonly failures: number;
  readonly incidents: number;
  readonly refusals: number;
  readonly truncations: number;
  /** Of the rewards at 5, 25, 50, 75 and 95 %; null where nothing was scored. */
  readonly quantiles: readonly number[] | null;
  readonly meanReward: number | null;
  readonly meanLength: number | null;
  readonly meanRepetition: number | null;
}

/** Rows of an insert: PostgreSQL takes 65,535 parameters. */
const rowsAtOnce = 1000;

export const observations = (scope: Scope) => {
  const { db, project, now, newId } = scope;
  const digest = /^[0-9a-f]{64}$/;
  const bytesOr = (id: string | undefined): string | null =>
    id !== undefined && digest.test(id) ? bytes(id) : null;

  return {
    /** @throws RangeError for numbers that are not finite: what has no score has none */
    async log(rows: readonly NewObservation[]): Promise<void> {
      const at = now();
      const values = rows.map((row) => {
        for (const number of [row.reward, row.z, row.uncertainty, row.productionReward, row.milliseconds])
          if (number !== undefined && !Number.isFinite(number))
            throw new RangeError('an observation holds a number that is not finite');
        return {
          project: project.id,
          id: newId(),
          at,
          deployment: row.deployment,
          arm: row.arm,
          bundle: row.bundle ?? null,
          unit: row.unit === undefined ? null : storableName(row.unit),
          prompt: bytesOr(row.prompt),
          response: bytesOr(row.response),
          reward: row.reward ?? null,
          z: row.z ?? null,
          uncertainty: row.uncertainty ?? null,
          productionReward: row.productionReward ?? null,
          length: row.length ?? null,
          milliseconds: row.milliseconds ?? null,
          failed: row.failed ?? false,
          incident: row.incident ?? false,
          refused: row.refused ?? false,
          truncated: row.truncated ?? false,
          repetition: row.repetition ?? null,
          segments: JSON.stringify(row.segments ?? {}),
        };
      });
      for (let from = 0; from < values.length; from += rowsAtOnce)
        await db
          .insertInto('observations')
          .values(values.slice(from, from + rowsAtOnce))
          .execute();
    },

    /** What each arm did, by bundle. */
    async totals({ deployment, from, to }: Span): Promise<readonly ArmTotals[]> {
      const { rows } = await sql<Record<string, number | null> & { arm: ObservedArm; bundle: string | null }>`
        with seen as (
          select * from observations
          where project = ${project.id}::uuid and deployment = ${deployment} and at >= ${from} and at < ${to}
        ), units as (
          select arm, bundle, coalesce(unit, id::text) as unit, count(*) as responses,
            avg(reward) as reward, avg(production_reward) as judged, avg(milliseconds) as milliseconds,
            bool_or(failed) as failed, bool_or(incident) as incident
          from seen group by 1, 2, 3
        )
        select units.arm, units.bundle, sum(responses)::int8 as responses, count(*) as "units",
          count(reward) as "rewardN", avg(reward) as "rewardMean", var_samp(reward) as "rewardVariance",
          count(judged) as "judgedN", avg(judged) as "judgedMean", var_samp(judged) as "judgedVariance",
          count(milliseconds) as "timeN", avg(milliseconds) as "timeMean", var_samp(milliseconds) as "timeVariance",
          count(*) filter (where failed) as "failedUnits", count(*) filter (where incident) as "incidentUnits",
          min(of_arm.slowest) as slowest, min(of_arm.failures)::int8 as failures, min(of_arm.incidents)::int8 as incidents,
          min(of_arm.refusals)::int8 as refusals, min(of_arm.truncations)::int8 as truncations
        from units
        join (
          select arm, bundle, percentile_cont(0.99) within group (order by milliseconds) as slowest,
            count(*) filter (where failed) as failures, count(*) filter (where incident) as incidents,
            count(*) filter (where refused) as refusals, count(*) filter (where truncated) as truncations
          from seen group by 1, 2
        ) as of_arm on of_arm.arm = units.arm and of_arm.bundle is not distinct from units.bundle
        group by units.arm, units.bundle order by units.arm, units.bundle`.execute(db);
      return rows.map((row) => ({
        arm: row.arm,
        bundle: row.bundle,
        responses: row.responses!,
        units: row.units!,
        reward: { n: row.rewardN!, mean: row.rewardMean ?? 0, variance: row.rewardVariance ?? 0 },
        productionReward: {
          n: row.judgedN!,
          mean: row.judgedMean ?? 0,
          variance: row.judgedVariance ?? 0,
        },
        milliseconds: { n: row.timeN!, mean: row.timeMean ?? 0, variance: row.timeVariance ?? 0 },
        slowest: row.slowest ?? null,
        failedUnits: row.failedUnits!,
        incidentUnits: row.incidentUnits!,
        failures: row.failures!,
        incidents: row.incidents!,
        refusals: row.refusals!,
        truncations: row.truncations!,
      }));
    },

    /** What happened over time, in buckets of so many seconds; empty ones are not there. */
    async buckets({ deployment, from, to }: Span, seconds: number): Promise<readonly Bucket[]> {
      const { rows } = await sql<Bucket>`
        select date_bin(make_interval(secs => ${seconds}), at, timestamptz '2000-01-01') as at, arm,
          count(*) as responses, count(reward) as scored,
          count(*) filter (where failed) as failures, count(*) filter (where incident) as incidents,
          count(*) filter (where refused) as refusals, count(*) filter (where truncated) as truncations,
          percentile_cont(array[0.05, 0.25, 0.5, 0.75, 0.95]) within group (order by reward) as quantiles,
          avg(reward) as "meanReward", avg(length)::float8 as "meanLength", avg(repetition) as "meanRepetition"
        from observations
        where project = ${project.id}::uuid and deployment = ${deployment} and at >= ${from} and at < ${to}
        group by 1, 2 order by 1, 2`.execute(db);
      return rows;
    },

    /** Answered responses in buckets of so many seconds, and those whose reward is below, or whose time is above, a bound. */
    async beyond(
      { deployment, from, to }: Span,
      seconds: number,
      of: 'reward' | 'milliseconds',
      bound: number,
    ): Promise<readonly { readonly at: Date; readonly total: number; readonly bad: number }[]> {
      const bad = of === 'reward' ? sql`reward < ${bound}` : sql`milliseconds > ${bound}`;
      const known = of === 'reward' ? sql`reward is not null` : sql`milliseconds is not null`;
      const { rows } = await sql<{ at: Date; total: number; bad: number }>`
        select date_bin(make_interval(secs => ${seconds}), at, timestamptz '2000-01-01') as at,
          count(*) as total, count(*) filter (where ${bad}) as bad
        from observations
        where project = ${project.id}::uuid and deployment = ${deployment} and at >= ${from} and at < ${to}
          and arm <> 'shadow' and ${known}
        group by 1 order by 1`.execute(db);
      return rows;
    },

    /** Rows of a span, drawn by their ids where there are more: the same ones each time. */
    async sample(span: Span & { readonly arm?: ObservedArm }, limit = 5000): Promise<readonly Observation[]> {
      const rows = await db
        .selectFrom('observations')
        .selectAll()
        .where('project', '=', project.id)
        .where('deployment', '=', span.deployment)
        .where('at', '>=', span.from)
        .where('at', '<', span.to)
        .$if(span.arm !== undefined, (query) => query.where('arm', '=', span.arm!))
        .orderBy(sql`md5(id::text)`)
        .limit(limit)
        .execute();
      return rows.map(own);
    },

    /** Deletes what is older. @returns How many rows. */
    async forget(before: Date): Promise<number> {
      const { numDeletedRows } = await db
        .deleteFrom('observations')
        .where('project', '=', project.id)
        .where('at', '<', before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
};
