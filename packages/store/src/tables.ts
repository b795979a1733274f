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
export type LabellingKind = 'pairwise' | 'ranking' | 'rating' | 'edit' | 'steps';
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
export type BundleRecordKind = 'golden' | 'parity' | 'evaluation' | 'approval';
export type RollOutStatus = 'running' | 'paused' | 'promoted' | 'rolled_back' | 'cancelled';
export type ObservedArm = 'production' | 'canary' | 'shadow';
export type IncidentState = 'open' | 'acknowledged' | 'resolved';
export type MemberRole = 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';

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
    resumedAt: OptionalTime;
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
    runGroup: Optional<string>;
  };
  runGroups: {
    project: string;
    id: string;
    name: string;
    tags: Json<Readonly<Record<string, string>>>;
    createdAt: Time;
    updatedAt: Time;
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
    /** When its files were deleted. */
    deletedAt: OptionalTime;
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
  keptAnswers: {
    project: string;
    key: string;
    request: Bytes;
    answer: OptionalJson<unknown>;
    createdAt: Time;
  };
  labellingTasks: {
    project: string;
    id: string;
    name: string;
    kind: LabellingKind;
    rubric: Optional<string>;
    dataset: string;
    redundancy: number;
    settings: Json<JsonObject>;
    state: 'open' | 'closed';
    createdBy: string;
    createdAt: Time;
  };
  labellingAnnotators: { project: string; task: string; annotator: string };
  labellingItems: {
    project: string;
    id: string;
    task: string;
    position: number;
    prompt: Bytes;
    responses: BytesList;
    purpose: AssignmentPurpose;
    selectedBy: string;
    probability: Optional<number>;
    known: OptionalJson<unknown>;
    facts: Json<JsonObject>;
    claims: Generated<number>;
  };
  labellingShowings: {
    project: string;
    assignment: string;
    task: string;
    item: string;
    annotator: string;
    replacedBy: Optional<string>;
  };
  labellingAnswers: {
    project: string;
    assignment: string;
    digest: Bytes;
    answer: OptionalJson<unknown>;
    vote: OptionalJson<unknown>;
    isRight: Optional<boolean>;
    judgements: ColumnType<
      readonly Bytes[] | null,
      readonly Bytes[] | null | undefined,
      readonly Bytes[] | null
    >;
    seconds: number;
    answeredAt: Time;
  };
  labellingVerdicts: {
    project: string;
    item: string;
    judgements: BytesList;
    actor: string;
    reason: string;
    createdAt: Time;
  };
  users: {
    id: string;
    email: Optional<string>;
    name: string;
    password: Optional<string>;
    administrator: boolean;
    createdAt: Time;
    removedAt: OptionalTime;
  };
  sessions: { digest: Bytes; userId: string; createdAt: Time; seenAt: Time; expiresAt: Time };
  members: { project: string; userId: string; role: MemberRole; createdAt: Time };
  apiKeys: {
    project: string;
    id: string;
    name: string;
    digest: Bytes;
    start: string;
    role: MemberRole;
    createdBy: string;
    createdAt: Time;
    revokedAt: OptionalTime;
  };
  invitations: {
    id: string;
    digest: Bytes;
    project: Optional<string>;
    role: Optional<MemberRole>;
    administrator: Generated<boolean>;
    userId: Optional<string>;
    createdBy: string;
    createdAt: Time;
    expiresAt: Time;
    usedAt: OptionalTime;
  };
  bundleRecords: {
    project: string;
    id: string;
    bundle: string;
    kind: BundleRecordKind;
    actor: string;
    document: Json<JsonObject>;
    createdAt: Time;
  };
  rollOuts: {
    project: string;
    id: string;
    deployment: string;
    canary: string;
    plan: Json<JsonObject>;
    state: Json<JsonObject>;
    status: RollOutStatus;
    revision: Generated<number>;
    actor: string;
    startedAt: Time;
    endedAt: OptionalTime;
  };
  observations: {
    project: string;
    id: string;
    at: Time;
    deployment: string;
    arm: ObservedArm;
    bundle: Optional<string>;
    unit: Optional<string>;
    prompt: OptionalBytes;
    response: OptionalBytes;
    reward: Optional<number>;
    z: Optional<number>;
    uncertainty: Optional<number>;
    productionReward: Optional<number>;
    length: Optional<number>;
    milliseconds: Optional<number>;
    failed: Generated<boolean>;
    incident: Generated<boolean>;
    refused: Generated<boolean>;
    truncated: Generated<boolean>;
    repetition: Optional<number>;
    segments: Json<Readonly<Record<string, string>>>;
  };
  exposures: {
    project: string;
    experiment: string;
    unit: string;
    arm: string;
    conflicting: Generated<boolean>;
    covariate: Optional<number>;
    segments: Json<Readonly<Record<string, string>>>;
    createdAt: Time;
  };
  outcomes: { project: string; experiment: string; unit: string; metric: string; value: number; at: Time };
  alertRules: {
    project: string;
    id: string;
    name: string;
    rule: Json<JsonObject>;
    state: ColumnType<JsonObject, string | undefined, string>;
    silencedUntil: OptionalTime;
    createdBy: string;
    createdAt: Time;
    removedAt: OptionalTime;
  };
  reviews: {
    project: string;
    id: string;
    prompt: Bytes;
    response: Bytes;
    deployment: Optional<string>;
    reasons: Json<readonly string[]>;
    state: 'open' | 'decided';
    decision: Optional<'allow' | 'block'>;
    judgement: OptionalBytes;
    actor: Optional<string>;
    openedAt: Time;
    decidedAt: OptionalTime;
  };
}

/** A row as it is read, without the project: a store has only one. */
export type Row<T extends keyof Tables> = Omit<Selectable<Tables[T]>, 'project'>;
