/** @file The log of a server: JSON lines on stderr, which no request's content gets into. */
import { type Logger, pino } from 'pino';

/** @param level `debug`, `info`, `warn`, `error` or `silent`; anything else is `info` */
export const serverLog = (level: string): Logger =>
  pino(
    { level: level in pino.levels.values || level === 'silent' ? level : 'info', base: null },
    pino.destination(2),
  );
