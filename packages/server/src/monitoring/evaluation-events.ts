/** @file OpenTelemetry's event of an evaluation (gen_ai.evaluation.result) for each score, as OTLP/HTTP in JSON; off by default. */

/** One score. No text of a prompt or a response. */
export interface EvaluationEvent {
  /** Such as `reward` or the name of an objective. */
  readonly name: string;
  /** Absent where it could not be scored. */
  readonly value?: number;
  readonly label?: string;
  /** What a client knows the response by. */
  readonly responseId?: string;
  /** Code of the error table. */
  readonly error?: string;
  readonly model?: string;
  readonly at: Date;
  /** Hexadecimal ids of the span that was evaluated, from the caller's `traceparent`. */
  readonly traceId?: string;
  readonly spanId?: string;
}

export interface EventExporter {
  /** Never waits and never throws. */
  readonly emit: (event: EvaluationEvent) => void;
  /** Sends what is left. */
  readonly close: () => Promise<void>;
  /** Events that could not be sent, or came while too many waited. */
  readonly dropped: () => number;
}

export interface EventExporterOptions {
  /** The operator's collector, such as `http://127.0.0.1:4318`; `/v1/logs` is added. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly serviceVersion?: string;
  /** Events of one request. Default 200. */
  readonly batch?: number;
  /** Events that may wait. Default 10,000. */
  readonly most?: number;
  /** Milliseconds after which a batch goes though it is not full. Default 2000. */
  readonly delay?: number;
}

const text = (key: string, value: string | undefined) =>
  value === undefined ? [] : [{ key, value: { stringValue: value } }];

/** A log record as OTLP's JSON says it: times as text, since they do not fit a number. */
const recordOf = (event: EvaluationEvent) => {
  const nanoseconds = `${event.at.getTime()}000000`;
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: event.error === undefined ? 9 : 17,
    eventName: 'gen_ai.evaluation.result',
    attributes: [
      ...text('gen_ai.evaluation.name', event.name),
      ...(event.value === undefined
        ? []
        : [{ key: 'gen_ai.evaluation.score.value', value: { doubleValue: event.value } }]),
      ...text('gen_ai.evaluation.score.label', event.label),
      ...text('gen_ai.response.id', event.responseId),
      ...text('gen_ai.request.model', event.model),
      ...text('error.type', event.error),
    ],
    ...(event.traceId !== undefined && { traceId: event.traceId }),
    ...(event.spanId !== undefined && { spanId: event.spanId }),
  };
};

/** @see semantic-conventions-genai, gen_ai.evaluation.result; opentelemetry-proto, JSON Protobuf encoding */
const exportLogs = (events: readonly EvaluationEvent[], serviceVersion = '0'): unknown => ({
  resourceLogs: [
    {
      resource: {
        attributes: [...text('service.name', 'plaudit'), ...text('service.version', serviceVersion)],
      },
      scopeLogs: [{ scope: { name: 'plaudit' }, logRecords: events.map(recordOf) }],
    },
  ],
});

/** @example const events = eventExporter({ endpoint }); events.emit({ name: 'reward', value: 1.2, at: new Date() }); */
export const eventExporter = ({
  endpoint,
  headers = {},
  serviceVersion = '0',
  batch = 200,
  most = 10_000,
  delay = 2000,
}: EventExporterOptions): EventExporter => {
  let waiting: EvaluationEvent[] = [];
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();
  const url = `${endpoint.replace(/\/+$/, '')}/v1/logs`;

  const post = async (events: readonly EvaluationEvent[]): Promise<void> => {
    try {
      const { ok, body } = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(exportLogs(events, serviceVersion)),
        redirect: 'error',
        signal: AbortSignal.timeout(10_000),
      });
      await body?.cancel();
      if (!ok) lost += events.length;
    } catch {
      lost += events.length;
    }
  };
  const send = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0) {
      const events = waiting.slice(0, batch);
      waiting = waiting.slice(batch);
      sending = sending.then(() => post(events));
    }
  };
  return {
    emit(event) {
      if (waiting.length >= most) {
        lost++;
        return;
      }
      waiting.push(event);
      if (waiting.length >= batch) setImmediate(send);
      timer ??= setTimeout(send, delay).unref();
    },
    async close() {
      send();
      await sending;
    },
    dropped: () => lost,
  };
};
