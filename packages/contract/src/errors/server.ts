/** @file Errors of the HTTP server: requests that cannot be read, callers who may not, and accounts. */
import type { ErrorRow } from './error.ts';

export const serverErrors = {
  'request.invalid': {
    status: 400,
    exit: 'usage',
    message: 'The request cannot be used: {problem}.',
    cure: 'Compare it with /openapi.json, which says what each field takes.',
  },
  'request.not_json': {
    status: 400,
    exit: 'usage',
    message: 'The body of the request is not JSON.',
    cure: 'Send one JSON document in UTF-8 with the header content-type: application/json.',
  },
  'request.media_type': {
    status: 415,
    exit: 'usage',
    message: 'The body of the request has a kind that is not taken here.',
    cure: 'Send JSON with the header content-type: application/json.',
  },
  'request.too_large': {
    status: 413,
    exit: 'usage',
    message: 'The request is larger than the {limit} bytes that are taken here.',
    cure: 'Send it in several parts, or as a file to an import.',
  },
  'request.head_too_large': {
    status: 431,
    exit: 'usage',
    message: 'The address and the headers of the request are larger than is taken here.',
    cure: 'Send what is long in the body.',
  },
  'request.too_slow': {
    status: 408,
    exit: 'unavailable',
    message: 'The request did not arrive in time.',
    cure: 'Send it again, over a connection that is not held up.',
  },
  'request.no_route': {
    status: 404,
    exit: 'usage',
    message: 'Nothing answers this method at this address.',
    cure: 'Look up the method and path in /openapi.json.',
  },
  'request.too_many': {
    status: 429,
    exit: 'unavailable',
    message: 'There were more requests than the {limit} a minute that one caller may make here.',
    cure: 'Wait {seconds} seconds, then go on more slowly.',
  },
  'request.other_site': {
    status: 403,
    exit: 'usage',
    message: 'The request comes from a page of another site, which may not act for who is signed in here.',
    cure: 'Use Plaudit from its own address, or call the API with a key. Behind a proxy, start the server with the address that people see.',
  },
  'access.unauthenticated': {
    status: 401,
    exit: 'usage',
    message: 'This needs a caller who is known.',
    cure: 'Sign in, or send an API key with the header authorization: Bearer plt_….',
  },
  'access.forbidden': {
    status: 403,
    exit: 'usage',
    message: 'The caller may not do this.',
    cure: 'Ask an owner of the project for a role that may: {roles}.',
  },
  'access.no_project': {
    status: 400,
    exit: 'usage',
    message: 'The request does not say which project it is about.',
    cure: 'Use an API key, which belongs to one project, or name it with the header plaudit-project.',
  },
  'account.wrong_credentials': {
    status: 401,
    exit: 'usage',
    message: 'There is no account with this address and password.',
    cure: 'Check both. An administrator can make a link that sets a new password.',
  },
  'account.too_many_attempts': {
    status: 429,
    exit: 'unavailable',
    message: 'There were too many wrong passwords for this account.',
    cure: 'Wait {seconds} seconds. An administrator can make a link that sets a new password.',
  },
  'account.link_unusable': {
    status: 410,
    exit: 'missing',
    message: 'This link has been used, withdrawn or is too old.',
    cure: 'Ask for a new one.',
  },
  'account.taken': {
    status: 409,
    exit: 'usage',
    message: 'There is an account with this address already.',
    cure: 'Sign in with it first, then open the link again.',
  },
  'account.weak_password': {
    status: 422,
    exit: 'input',
    message: 'This password is too easy to guess: {problem}.',
    cure: 'Take at least {least} characters; a few words that do not belong together are good.',
  },
  'run.setting_changed': {
    status: 400,
    exit: 'usage',
    message: 'The setting {name} of the run has another value already; settings are written once.',
    cure: 'Begin another run for another value, or log what changes as a metric or a tag.',
  },
  'run.busy': {
    status: 409,
    exit: 'unavailable',
    message: 'The run is queued already, or its process has not ended yet.',
    cure: 'Wait some seconds, look at its state, then ask again.',
  },
  'server.not_ready': {
    status: 503,
    exit: 'unavailable',
    message: 'The server is not ready: {problem}.',
    cure: 'Try again in a moment; the log of the server says more.',
  },
  'server.address_unusable': {
    status: 500,
    exit: 'unavailable',
    message: 'The server cannot listen at port {port} of {host}: {problem}.',
    cure: 'Stop what uses it, or give another one with --port and --host.',
  },
  'server.internal': {
    status: 500,
    exit: 'internal',
    message: 'Something in Plaudit is wrong; request {request} was not answered.',
    cure: 'Report it with what the log of the server says of that request.',
  },
} as const satisfies Record<string, ErrorRow>;
