/** @file Who may do what: the five roles of a project, and what a route asks for. */
import { z } from 'zod';

/** From the one who may do everything to the one who only looks. */
export const roles = ['owner', 'engineer', 'reviewer', 'annotator', 'viewer'] as const;
export type Role = (typeof roles)[number];
export const roleName = z.enum(roles);

/**
 * What a route asks of its caller. `public`: nothing. `account`: that the caller is signed in or has a key. `administrator`:
 * a person who may change the whole installation. A list: one of these roles in the project that the path names, or else the
 * key belongs to; an owner may do whatever any other role may.
 */
export type Access = 'public' | 'account' | 'administrator' | readonly Role[];

/** Whether a role is enough where one of the list is asked for. */
export const mayDo = (role: Role | null, access: readonly Role[]): boolean =>
  role !== null && (role === 'owner' || access.includes(role));

/** Everybody who works on the project but those who only label. */
export const readers: readonly Role[] = ['owner', 'engineer', 'reviewer', 'viewer'];
/** Whether a role sees all of a project, given to it or not. */
export const seesAll = (role: Role | null): boolean => role !== null && readers.includes(role);
export const engineers: readonly Role[] = ['owner', 'engineer'];
export const labellers: readonly Role[] = ['owner', 'engineer', 'reviewer', 'annotator'];
export const owners: readonly Role[] = ['owner'];
