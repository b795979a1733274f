/** @file What PostgreSQL and its driver throw, turned into errors of the table once, without a row's content. */
import { PlauditError, plauditError } from '@plaudit/contract';

/** SQLSTATE classes and codes, and codes of the system. @see PostgreSQL, appendix A */
const lost = /^(08|57P0|ECONNRESET|EPIPE)/;
const unreachable = /^(28|3D000|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/;

const unreachableWords: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong',
  '28000': 'the user may not connect',
  '3D000': 'the server has no such database',
  ECONNREFUSED: 'nothing listens at that address',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the host cannot be looked up',
  ETIMEDOUT: 'the server does not answer',
};

/**
 * The error to throw on. PostgreSQL puts values of rows into messages and details, so that only the code and the names of
 * the table and constraint are passed on, and the cause loses what could hold a value. Errors of the table, of our own
 * code and of the caller's stream pass.
 */
export const databaseError = (error: unknown): unknown => {
  if (error instanceof PlauditError || !(error instanceof Error)) return error;
  const { code, constraint, table } = error as Error & Record<string, unknown>;
  if (
    /^(Connection terminated|Client has encountered a connection error|Client was closed)/.test(error.message)
  )
    return plauditError('store.connection_lost', {}, error);
  if (/^timeout exceeded when trying to connect/.test(error.message))
    return plauditError('store.unreachable', { problem: unreachableWords.ETIMEDOUT! }, error);
  if (typeof code !== 'string') return error;
  if (unreachable.test(code))
    return plauditError('store.unreachable', { problem: unreachableWords[code] ?? code }, error);
  if (lost.test(code)) return plauditError('store.connection_lost', {}, error);
  if (!isSqlState(code)) return error;
  if (code === '53100') return plauditError('store.disk_full', {}, error);
  const where = [table, constraint].filter((name) => typeof name === 'string').join(', ');
  const cause = new Error(`SQLSTATE ${code}`);
  cause.stack = error.stack?.replace(error.message, cause.message);
  // What JSON can say and a text cannot: half of a surrogate pair.
  const isHalfCharacter = code === '22P02' && / type jsonb?$/.test(error.message);
  if (isHalfCharacter || /^(22021|22P05)$/.test(code))
    return plauditError('store.unstorable_text', {}, cause);
  if (code === '42501') return plauditError('store.not_permitted', {}, cause);
  return plauditError(
    'store.database_failed',
    { problem: where === '' ? `code ${code}` : `code ${code}: ${where}` },
    cause,
  );
};

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
