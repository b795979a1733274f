/** @file The simulated members of the quickstart's project: each calls the API with a key of its own, for as long as it runs. */

import { type Client, createClient } from '@plaudit/sdk';
import { issueKey, type Server } from '@plaudit/server';

/** Who does what: annotators are named as people would be. */
const roles = {
  owner: 'owner',
  engineer: 'engineer',
  reviewer: 'reviewer',
  'support desk': 'engineer',
  Ada: 'annotator',
  Ben: 'annotator',
  Cleo: 'annotator',
} as const;

export type Person = keyof typeof roles;
export const annotators = ['Ada', 'Ben', 'Cleo'] as const satisfies readonly Person[];

/** How a simulated member is called where the key and the audit log name it. */
const nameOf = (person: Person): string => `${person} (simulated)`;

interface People {
  as(person: Person): Client;
  /** Takes all keys back: nobody can call as one of them any more. */
  dismiss(): Promise<void>;
}

/** @param project Id */
export const hirePeople = async (
  { address, services: { accounts } }: Pick<Server, 'address' | 'services'>,
  project: string,
): Promise<People> => {
  const { keys } = accounts.accounts;
  const actorOf = (person: Person): string => `simulated:${person}`;
  const people = Object.keys(roles) as Person[];
  const dismiss = async (): Promise<void> => {
    const made = new Map(people.map((person) => [actorOf(person), person]));
    for (const { id, createdBy, revokedAt } of await keys.list(project))
      if (revokedAt === null && made.has(createdBy)) await keys.revoke(project, id, createdBy);
  };
  // Those of a quickstart that was killed.
  await dismiss();
  const clients = new Map<Person, Client>();
  for (const person of people) {
    const wanted = { name: nameOf(person), role: roles[person] };
    const { key } = await issueKey(accounts.accounts, project, wanted, actorOf(person));
    clients.set(person, createClient({ baseUrl: address, apiKey: key }));
  }
  return { as: (person) => clients.get(person)!, dismiss };
};
