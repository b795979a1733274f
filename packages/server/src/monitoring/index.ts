/** @file Monitoring: what was served, drift, signs of hacking, alerts and incidents, metrics and events for other systems. */
export type { AlertServices } from './alerts.ts';
export { type MailServer, mailer } from './delivery/mail.ts';
export { callableAddress } from './delivery/public-address.ts';
export { postWebhook } from './delivery/webhook.ts';
export { eventExporter } from './evaluation-events.ts';
export { rewardMetrics } from './metrics.ts';
export { startMonitor } from './monitor.ts';
export { observerOf } from './observer.ts';
export { type MonitoringServices, monitoringRoutes } from './routes.ts';
