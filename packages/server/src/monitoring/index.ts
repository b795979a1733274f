/** @file Monitoring: what was served, drift, signs of hacking, alerts and incidents, metrics and events for other systems. */
export type { AlertMessage, AlertServices } from './alerts.ts';
export { type MailServer, mailer } from './delivery/mail.ts';
export { type CallRules, callableAddress, isPublicAddress } from './delivery/public-address.ts';
export { postWebhook, signatureOf } from './delivery/webhook.ts';
export {
  type EvaluationEvent,
  type EventExporter,
  type EventExporterOptions,
  eventExporter,
} from './evaluation-events.ts';
export { type RewardMetrics, rewardMetrics } from './metrics.ts';
export { type Monitor, type MonitorServices, startMonitor, watch } from './monitor.ts';
export { type Observer, type ObserverServices, observerOf } from './observer.ts';
export { type MonitoringServices, monitoringRoutes } from './routes.ts';
