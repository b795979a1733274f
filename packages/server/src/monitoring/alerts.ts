/** @file Alerts: rules are read by the clock, incidents open and resolve, and whoever asked for it is told. */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { Store, AlertRule as StoredRule } from '@plaudit/store';
import type { Mail } from './delivery/mail.ts';
import { readMeasure } from './readings.ts';
import {
  type AlertRule,
  type AlertState,
  alertRule,
  alertState,
  type Channel,
  firstState,
  type Notice,
  nextState,
  type Reading,
} from './rule.ts';

/** What is told of an alert; no text of a prompt or a response. */
export interface AlertMessage {
  readonly type: 'alert';
  readonly project: string;
  readonly rule: string;
  readonly name: string;
  readonly deployment: string;
  readonly measure: string;
  readonly condition: AlertState['condition'];
  readonly severity: number;
  readonly value: number | null;
  readonly n: number;
  readonly at: string;
  readonly incident: string | null;
  readonly repeated: boolean;
}

export interface AlertServices {
  readonly now: () => Date;
  /** Posts to a webhook. @throws PlauditError */
  readonly post: (store: Store, url: string, message: AlertMessage) => Promise<void>;
  /** Absent where the operator named no mail server. */
  readonly mail?: (mail: Mail) => Promise<void>;
  /** Waits between two attempts. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Milliseconds before the second and the third attempt. */
const pauses = [1000, 5000];

const textOf = (message: AlertMessage): string =>
  [
    `${message.name}: ${message.condition}`,
    '',
    `Project: ${message.project}`,
    `Deployment: ${message.deployment}`,
    `Measure: ${message.measure}`,
    `Value: ${message.value === null ? 'no data' : Number(message.value.toPrecision(4))} of ${message.n}`,
    `Severity: ${message.severity}`,
    `At: ${message.at}`,
    ...(message.incident === null ? [] : [`Incident: ${message.incident}`]),
    '',
  ].join('\n');

const codeOf = (error: unknown): string => (error instanceof PlauditError ? error.code : 'server.internal');

const send = async (
  services: Pick<AlertServices, 'post' | 'mail'>,
  store: Store,
  channel: Channel,
  message: AlertMessage,
) => {
  if (channel.to === 'webhook') return services.post(store, channel.url, message);
  if (!services.mail) throw plauditError('monitoring.no_mail');
  const subject = `[Plaudit] ${message.name}: ${message.condition}${message.repeated ? ' (still)' : ''}`;
  return services.mail({ to: channel.address, subject, text: textOf(message) });
};

/** Tries three times, unless the channel cannot be used at all. @returns Why it was not delivered; null where it was */
const deliver = async (
  services: AlertServices,
  store: Store,
  channel: Channel,
  message: AlertMessage,
): Promise<string | null> => {
  for (let attempt = 0; ; attempt++) {
    try {
      await send(services, store, channel, message);
      return null;
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'monitoring.undelivered' || attempt === pauses.length) return code;
      await services.wait(pauses[attempt]!);
    }
  }
};

/**
 * Tells every channel of a rule that this is a trial; once, so that whoever waits for the answer gets it soon.
 *
 * @returns For each channel the code of what went wrong; null where it was delivered.
 */
export const tryChannels = async (
  services: Pick<AlertServices, 'now' | 'post' | 'mail'>,
  store: Store,
  stored: StoredRule,
): Promise<{ to: Channel['to']; problem: string | null }[]> => {
  const { deployment, measure, severity, channels } = alertRule.parse(stored.rule);
  const { condition, value, n } = stateOf(stored, services.now());
  const message: AlertMessage = {
    ...{ type: 'alert', project: store.project.name, rule: stored.id, name: `Trial of ${stored.name}` },
    ...{ deployment, measure: measure.of, condition, severity, value, n },
    ...{ at: services.now().toISOString(), incident: null, repeated: false },
  };
  return Promise.all(
    channels.map(async (channel) => ({
      to: channel.to,
      problem: await send(services, store, channel, message).then(() => null, codeOf),
    })),
  );
};

/** A measure whose data set or deployment is gone has no data. */
const readingOf = async (store: Store, rule: AlertRule, now: Date): Promise<Reading> => {
  try {
    return await readMeasure(store, rule, now);
  } catch (error) {
    if (error instanceof PlauditError && error.code === 'store.unknown')
      return { enough: false, n: 0, needed: 1 };
    throw error;
  }
};

export const stateOf = ({ state }: StoredRule, now: Date): AlertState => {
  const found = alertState.safeParse(state);
  return found.success ? found.data : firstState(now.getTime());
};

const resolveIncident = async (store: Store, id: string | null, why: string): Promise<void> => {
  if (id === null) return;
  // Somebody may have resolved it before.
  await store.incidents.resolve(id, why).catch((error: { code?: string }) => {
    if (error.code !== 'store.overtaken') throw error;
  });
};

/**
 * Reads a rule, opens or resolves its incident, remembers the state and tells the channels unless the rule is silenced. The
 * incident is there whether or not anything could be delivered.
 */
export const evaluateRule = async (
  services: AlertServices,
  store: Store,
  stored: StoredRule,
): Promise<{
  readonly state: AlertState;
  readonly notice: Notice;
  readonly undelivered: readonly string[];
}> => {
  const now = services.now();
  const rule = alertRule.parse(stored.rule);
  const reading = await readingOf(store, rule, now);
  const before = stateOf(stored, now);
  const incident = before.incident === null ? null : await store.incidents.get(before.incident);
  const acknowledged = incident !== null && incident.state !== 'open';
  const { state: next, notice } = nextState(rule, before, reading, now.getTime(), acknowledged);
  let state = next;
  if (notice === 'open') {
    await resolveIncident(store, before.incident, `it is now: ${next.condition}`);
    const opened = await store.incidents.open({
      kind: next.condition === 'no data' ? 'no data' : rule.measure.of,
      severity: rule.severity,
      title: `${stored.name}: ${next.condition}`,
      deployment: rule.deployment,
      details: { rule: stored.id, measure: rule.measure, reading },
    });
    state = { ...next, incident: opened.id };
  } else if (notice === 'resolve') {
    await resolveIncident(store, before.incident, 'the measure is within its bounds again');
    state = { ...next, incident: null };
  }
  await store.alertRules.remember(stored.id, state);
  const silenced = stored.silencedUntil !== null && stored.silencedUntil > now;
  if (notice === null || silenced) return { state, notice, undelivered: [] };
  const message: AlertMessage = {
    ...{ type: 'alert', project: store.project.name, rule: stored.id, name: stored.name },
    ...{ deployment: rule.deployment, measure: rule.measure.of, condition: state.condition },
    ...{ severity: rule.severity, value: state.value, n: state.n, at: now.toISOString() },
    ...{ incident: state.incident ?? before.incident, repeated: notice === 'repeat' },
  };
  const results = await Promise.all(
    rule.channels.map((channel) => deliver(services, store, channel, message)),
  );
  const undelivered = results.filter((code) => code !== null);
  if (undelivered.length > 0)
    await store.audit.append({
      ...{ actor: 'plaudit:monitor', action: 'alert.undelivered', resource: `alert rule ${stored.id}` },
      details: { problems: undelivered },
    });
  return { state, notice, undelivered };
};

/** Rules that are read at the same time: a webhook that does not answer holds up few others. */
const rulesAtOnce = 8;

/** @returns What could not be read, by the id of the rule. */
export const evaluateRules = async (
  services: AlertServices,
  store: Store,
): Promise<ReadonlyMap<string, unknown>> => {
  const failed = new Map<string, unknown>();
  const rules = [...(await store.alertRules.list())];
  while (rules.length > 0)
    await Promise.all(
      rules
        .splice(0, rulesAtOnce)
        .map((rule) =>
          evaluateRule(services, store, rule).catch((error: unknown) => failed.set(rule.id, error)),
        ),
    );
  return failed;
};
