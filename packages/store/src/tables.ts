/** @file The tables as Kysely sees them, in camel case. What they mean is written in `migrations`. */
import type { ColumnType, Generated, Selectable } from 'kysely';

/** Read as lower-case hexadecimal digits; written, and compared with, as `bytes` of scope.ts gives them. */
type Bytes = string;
type OptionalBytes = Optional<Bytes>;
type BytesList = ColumnType<readonly Bytes[], readonly Bytes[], readonly Bytes[]>;
/** Read as a value, written as its JSON text. */
type Json<T> = ColumnType<T, string, string>;
type OptionalJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
type Time = ColumnType<Date, Date, Date>;
type OptionalTime = ColumnType<Date | null, Date | null | undefined, Date | null>;
type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;

export type JsonObject = Readonly<Record<string, unknown>>;

export type AnnotatorKind = 'human' | 'model' | 'program' | 'implicit' | 'simulated';
export type JudgementKind = 'comparison' | 'ranking' | 'rating' | 'label' | 'edit' | 'steps';
type AssignmentState = 'open' | 'done' | 'skipped' | 'cancelled';
export type AssignmentPurpose = 'label' | 'control' | 'gold' | 'attention';
export type RunState = 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
type StepState = 'running' | 'finished' | 'failed';
export type ModelRole = 'reward' | 'policy' | 'reference';
export type BundleState =
  | 'draft'
  | 'evaluated'
  | 'shadow'
  | 'canary'
  | 'production'
  | 'retired'
  | 'rolled_back';
export type ExperimentState = 'draft' | 'running' | 'stopped';
export type IncidentState = 'open' | 'acknowledged' | 'resolved';

export interface Tables {
  projects: { id: string; name: string; settings: Generated<Json<JsonObject>>; createdAt: Time };
  annotators: {
    project: string;
    id: string;
    name: string;
    kind: Optional<AnnotatorKind>;
    subject: Optional<string>;
    pausedAt: OptionalTime;
    pauseReason: Optional<string>;
    createdAt: Time;
    erasedAt: OptionalTime;
  };
  prompts: {
    project: string;
    id: Bytes;
    messages: OptionalJson<unknown>;
    createdAt: Time;
    erasedAt: OptionalTime;
  };
  responses: {
    project: string;
    id: Bytes;
    prompt: Bytes;
    content: OptionalJson<unknown>;
    createdAt: Time;
    erasedAt: OptionalTime;
  };
  judgements: {
    project: string;
    id: Bytes;
    kind: JudgementKind;
    prompt: OptionalBytes;
    responses: ColumnType<readonly Bytes[] | null, readonly Bytes[] | null, null>;
    annotator: Optional<string>;
    source: Optional<string>;
    criterion: Optional<string>;
    language: Optional<string>;
    said: OptionalJson<JsonObject>;
    createdAt: Time;
    erasedAt: OptionalTime;
  };
  retractions: {
    project: string;
    judgement: Bytes;
    actor: string;
    reason: Optional<string>;
    createdAt: Time;
  };
  subjectRows: {
    project: string;
    subject: string;
    kind: 'judgement' | 'prompt' | 'response';
    id: Bytes;
    prompt: OptionalBytes;
  };
  datasets: { project: string; id: string; name: string; description: Generated<string>; createdAt: Time };
  imports: {
    project: string;
    id: string;
    dataset: string;
    source: string;
    state: 'running' | 'finished';
    rows: Generated<number>;
    rejected: Generated<number>;
    added: Generated<number>;
    known: Generated<number>;
    startedAt: Time;
    committedAt: OptionalTime;
    finishedAt: OptionalTime;
  };
  datasetRows: { project: string; dataset: string; row: Bytes; import: Optional<string> };
  rubrics: { project: string; id: string; name: string; version: number; guideline: string; createdAt: Time };
  criteria: {
    project: string;
    rubric: string;
    name: string;
    position: number;
    description: string;
    least: number;
    most: number;
    weight: number;
    examples: Json<readonly JsonObject[]>;
  };
  assignments: {
    project: string;
    id: string;
    annotator: string;
    prompt: Bytes;
    responses: BytesList;
    rubric: Optional<string>;
    purpose: AssignmentPurpose;
    selectedBy: string;
    probability: Optional<number>;
    state: AssignmentState;
    judgement: OptionalBytes;
    seconds: Optional<number>;
    createdAt: Time;
    endedAt: OptionalTime;
  };
  snapshots: {
    project: string;
    id: Bytes;
    number: Generated<number>;
    rows: number;
    query: Json<JsonObject>;
    parent: OptionalBytes;
    rubric: Optional<string>;
    gates: OptionalJson<JsonObject>;
    erasedRows: Generated<number>;
    successor: OptionalBytes;
    createdAt: Time;
  };
  snapshotRows: { project: string; snapshot: number; row: Bytes };
  tags: { project: string; name: string; snapshot: Bytes; updatedAt: Time };
  erasures: {
    project: string;
    id: string;
    subjectDigests: BytesList;
    actor: string;
    reason: string;
    report: Json<JsonObject>;
    createdAt: Time;
  };
  runs: {
    project: string;
    id: string;
    name: string;
    kind: string;
    state: RunState;
    parent: Optional<string>;
    config: Json<JsonObject>;
    tags: Json<Readonly<Record<string, string>>>;
    error: Optional<string>;
    createdAt: Time;
    startedAt: OptionalTime;
    endedAt: OptionalTime;
    deletedAt: OptionalTime;
    taintedBy: Optional<string>;
  };
  steps: {
    project: string;
    run: string;
    name: string;
    position: number;
    state: StepState;
    attempts: Generated<number>;
    checkpoint: OptionalBytes;
    result: OptionalJson<JsonObject>;
    error: Optional<string>;
    startedAt: Time;
    endedAt: OptionalTime;
  };
  metrics: {
    project: string;
    id: Generated<number>;
    run: string;
    name: string;
    step: number;
    value: number;
    at: Time;
  };
  artifacts: { project: string; digest: Bytes; bytes: number; mediaType: string; createdAt: Time };
  files: { project: string; owner: string; path: string; digest: Bytes; createdAt: Time };
  models: {
    project: string;
    id: string;
    name: string;
    version: number;
    role: ModelRole;
    run: Optional<string>;
    card: Json<JsonObject>;
    createdAt: Time;
    taintedBy: Optional<string>;
  };
  runSnapshots: { project: string; run: string; snapshot: Bytes; purpose: string };
  runModels: { project: string; run: string; model: string; purpose: string };
  bundles: {
    project: string;
    id: string;
    name: string;
    version: number;
    policy: Optional<string>;
    rewardModel: string;
    reference: Optional<string>;
    normaliser: Json<JsonObject>;
    guardrails: Json<JsonObject>;
    state: BundleState;
    createdBy: string;
    createdAt: Time;
    updatedAt: Time;
    taintedBy: Optional<string>;
  };
  deployments: {
    project: string;
    name: string;
    revision: number;
    bundle: Optional<string>;
    shadow: Optional<string>;
    canary: Optional<string>;
    canaryShare: number;
    actor: string;
    reason: string;
    evidence: Json<JsonObject>;
    createdAt: Time;
  };
  experiments: {
    project: string;
    id: string;
    name: string;
    state: ExperimentState;
    plan: Json<JsonObject>;
    conclusion: OptionalJson<JsonObject>;
    createdAt: Time;
    startedAt: OptionalTime;
    endedAt: OptionalTime;
  };
  incidents: {
    project: string;
    id: string;
    kind: string;
    severity: number;
    title: string;
    deployment: Optional<string>;
    details: Json<JsonObject>;
    state: IncidentState;
    openedAt: Time;
    acknowledgedAt: OptionalTime;
    acknowledgedBy: Optional<string>;
    resolvedAt: OptionalTime;
    resolution: Optional<string>;
  };
  audit: {
    project: string;
    seq: number;
    at: Time;
    actor: string;
    action: string;
    resource: string;
    details: Json<JsonObject>;
    previous: Bytes;
    hash: Bytes;
  };
  vaultKeys: {
    project: string;
    keyId: string;
    subject: string;
    masterKeyId: string;
    iv: string;
    tag: string;
    ciphertext: string;
    createdAt: Time;
  };
  vault: {
    project: string;
    token: string;
    type: string;
    subject: string;
    keyId: string;
    iv: string;
    tag: string;
    ciphertext: string;
    createdAt: Time;
  };
  impressions: {
    project: string;
    id: string;
    prompt: Bytes;
    response: Bytes;
    position: number;
    probability: Optional<number>;
    model: Optional<string>;
    surface: string;
    couldAnswer: boolean;
    subject: Optional<string>;
    createdAt: Time;
  };
  signals: {
    project: string;
    id: string;
    impression: string;
    kind: string;
    value: Json<unknown>;
    createdAt: Time;
  };
}

/** A row as it is read, without the project: a store has only one. */
export type Row<T extends keyof Tables> = Omit<Selectable<Tables[T]>, 'project'>;
