/** @file Whether a caller may do what a route does, and in which project. */
import { plauditError } from '@plaudit/contract';
import type { Identities, Identity } from './identities.ts';
import { mayDo, type Role } from './roles.ts';
import type { Route } from './route.ts';

/** Where a caller stands in a request. */
export interface Standing {
  /** Name of the project; null where the route is about none. */
  readonly project: string | null;
  readonly role: Role | null;
}

const nowhere: Standing = { project: null, role: null };

/**
 * @param named The project that the request names; undefined where it names none
 * @throws PlauditError access.*
 */
export const standingOf = async (
  { access }: Pick<Route, 'access'>,
  identity: Identity | null,
  named: string | undefined,
  identities: Identities,
): Promise<Standing> => {
  if (access === 'public') return nowhere;
  if (identity === null) throw plauditError('access.unauthenticated');
  if (access === 'account') return nowhere;
  const { actor, key } = identity;
  if (access === 'administrator') {
    if (!actor.administrator) throw plauditError('access.forbidden', { roles: 'administrator' });
    return nowhere;
  }
  const refused = plauditError('access.forbidden', { roles: [...new Set(['owner', ...access])].join(', ') });
  const project = named ?? key?.project;
  if (project === undefined) throw plauditError('access.no_project');
  // Who is no member learns nothing, not even whether the project is there.
  if (key && key.project !== project) throw refused;
  const role = key
    ? key.role
    : actor.administrator
      ? 'owner'
      : await identities.roleOf(actor.userId ?? '', project);
  if (!mayDo(role, access)) throw refused;
  return { project, role };
};
