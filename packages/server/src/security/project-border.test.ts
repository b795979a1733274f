/** @file Tests: whoever may do everything in one project reaches nothing of another one by its ids; an annotator nothing of another annotator. */
import { Random } from '@plaudit/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { addressOf, filled, type Operation, operationsOf } from './hostile-values.ts';
import { attackedServer } from './testing.ts';

const server = attackedServer();
const { ask } = server;
const random = new Random(1, 'project border');

let operations: readonly Operation[];
/** Ids of the other project, by the name that they have in addresses. */
let theirs: Readonly<Record<string, string>>;
/** In every text of the other project, and in nothing that is sent here. */
const theirText = ' of theirword';
beforeAll(async () => {
  operations = operationsOf((await ask('GET', '/openapi.json')).body).filter(({ path }) =>
    path.includes('{project}'),
  );
  const at = '/v1/projects/theirs';
  const as = { headers: server.session() };
  await ask('POST', `${at}/invitations`, { ...as, body: { role: 'viewer' } });
  await server.key('theirs', 'owner');
  const invitation = (await ask('GET', `${at}/invitations`, as)).body.invitations[0].id;
  const key = (await ask('GET', `${at}/keys`, as)).body.keys[0].id;
  const user = (await ask('GET', '/v1/me', as)).body.id;
  theirs = { ...server.named('theirs'), key, invitation, user };
});

/** Answers to a route with ids and names of the other project, a few times with other bodies of the right form. */
const attack = async (
  { method, schema, ...operation }: Operation,
  headers: Readonly<Record<string, string>>,
) => {
  const address = addressOf({ method, schema, ...operation }, 'ours', (name) => theirs[name] ?? 'x');
  const query = new URLSearchParams(
    operation.inQuery.map((name): [string, string] => [
      name,
      theirs[name] ?? (/^(from|to|asOf)$/.test(name) ? '2026-01-01T00:00:00Z' : '5'),
    ]),
  );
  const answers = [];
  for (let round = 0; round < (schema ? 15 : 1); round++)
    answers.push(
      await ask(method, `${address}?${query}`, {
        headers,
        ...(schema && { body: filled(schema, { random, wrong: 0, texts: Object.values(theirs) }) }),
      }),
    );
  return answers;
};

describe('another project', () => {
  it('is not reached by its ids in an address, on any route', async () => {
    const headers = await server.key('ours', 'owner');
    const faults: string[] = [];
    const tried = operations.filter(({ inPath }) => inPath.length > 0);
    for (const operation of tried)
      for (const { status, text } of await attack(operation, headers)) {
        // A deployment is a name that may be there in both projects, and of ours there is nothing to tell.
        const mayBeEmpty =
          operation.inPath.every((name) => name === 'deployment') && operation.method === 'GET';
        if (status >= 500 || (status < 300 && !mayBeEmpty)) faults.push(`${operation.id}: ${status}`);
        if (text.includes(theirText)) faults.push(`${operation.id} tells a text`);
      }
    expect(faults).toEqual([]);
    expect(tried.length).toBeGreaterThan(60);
  }, 240_000);

  it('is not pointed at by what is made with its ids in a body', async () => {
    const headers = await server.key('ours', 'owner');
    const ours = server.named('ours');
    const faults: string[] = [];
    const own = (operation: Operation) => addressOf(operation, 'ours', (name) => ours[name] ?? 'x');
    const look = async (operation: Operation, body?: unknown): Promise<void> => {
      const { status, text } = await ask(operation.method, own(operation), {
        headers,
        ...(body !== undefined && { body }),
      });
      if (status >= 500 || text.includes(theirText))
        faults.push(`${operation.id}: ${status} ${text.slice(0, 200)}`);
    };
    const texts = Object.values(theirs);
    for (const operation of operations.filter(({ schema }) => schema))
      for (let round = 0; round < 15; round++)
        await look(operation, filled(operation.schema!, { random, wrong: 0, texts }));
    for (const operation of operations.filter(({ method }) => method === 'GET')) await look(operation);
    expect(faults).toEqual([]);
  }, 240_000);
});

describe('an annotator', () => {
  /** A new member's session. */
  const member = async (name: string): Promise<Readonly<Record<string, string>>> => {
    const invited = await ask('POST', '/v1/projects/ours/invitations', {
      headers: server.session(),
      body: { role: 'annotator' },
    });
    const account = { email: `${name}@example.org`, name, password: `the words of ${name}` };
    const body = { token: invited.body.link.split('#')[1], account };
    const joined = await ask('POST', '/v1/link/accept', { body });
    return { cookie: joined.headers.getSetCookie()[0]!.split(';')[0]! };
  };

  it('sees and answers only what is given to them, and nothing of what others are given', async () => {
    const [bob, eve] = [await member('bob'), await member('eve')];
    const { id } = (await ask('GET', '/v1/me', { headers: bob })).body;
    const base = '/v1/projects/ours/labelling';
    const made = await ask('POST', `${base}/tasks`, {
      headers: server.session(),
      body: {
        ...{ name: 'for bob', kind: 'pairwise', annotators: [`user:${id}`], redundancy: 1 },
        items: [{ prompt: 'question of bobs', responses: ['answer of bobs', 'other answer of bobs'] }],
      },
    });
    const task = made.body.id as string;
    const next = await ask('POST', `${base}/tasks/${task}/next`, { headers: bob, body: {} });
    const { assignment } = next.body.items[0];
    expect(next.text).toContain('of bobs');

    const labelling = operations.filter(({ path }) => path.includes('/labelling/'));
    const named: Readonly<Record<string, string>> = { ...server.named('ours'), task, assignment };
    for (const operation of labelling) {
      const address = addressOf(operation, 'ours', (name) => named[name] ?? 'x');
      for (let round = 0; round < (operation.schema ? 10 : 1); round++) {
        const { status, text } = await ask(operation.method, address, {
          headers: eve,
          ...(operation.schema && {
            body: filled(operation.schema, { random, wrong: 0, texts: ['a', task] }),
          }),
        });
        expect(text, operation.id).not.toMatch(/of bobs|for bob|ourword/);
        if (operation.inPath.length > 0) expect([400, 403, 404], operation.id).toContain(status);
      }
    }
    const answer = { answer: { kind: 'pairwise', outcome: 'first' }, seconds: 1 };
    const stolen = await ask('PUT', `${base}/assignments/${assignment}/answer`, {
      headers: eve,
      body: answer,
    });
    expect(stolen.status).toBe(404);
    const own = await ask('PUT', `${base}/assignments/${assignment}/answer`, { headers: bob, body: answer });
    expect(own.status).toBeLessThan(300);
  }, 120_000);
});
