/** @file Test: parts of the product are killed twenty times while people label, models are trained and bundles change places; what was acknowledged is there. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Judgement, Random } from '@plaudit/contract';
import { simulate } from '@plaudit/feedback';
import { promptId, responseId } from '@plaudit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProduct, type Part, type Product } from './product.ts';

const seed = 20_260_601;
/** Milliseconds after which whatever is asked has to be answered, faults or not. */
const patience = 240_000;
/** Milliseconds that a kill waits for something to be done first. */
const longestWait = 10_000;
const onLinux = process.platform === 'linux';
if (!onLinux) console.warn('processes are found in /proc: the test of faults is skipped');

/** An answer of the server that is no fault of the moment. */
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
  readonly body: any;
  /** Headers of the session that it begins. */
  readonly session: Record<string, string>;
}

describe.skipIf(!onLinux)('the product', () => {
  let product: Product;
  let owner: Record<string, string> = {};
  let over = false;
  const at = (path: string): string => `/v1/projects/support/${path}`;

  const once = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Answer> => {
    const isBytes = body instanceof Buffer;
    const answer = await fetch(product.address + path, {
      method,
      signal: AbortSignal.timeout(60_000),
      headers: {
        ...headers,
        ...(body !== undefined && {
          'content-type': isBytes ? 'application/octet-stream' : 'application/json',
        }),
      },
      ...(body !== undefined && { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const [cookie] = answer.headers.getSetCookie();
    return {
      ...{ status: answer.status, body: text === '' ? undefined : JSON.parse(text) },
      session: cookie === undefined ? {} : { cookie: cookie.split(';')[0]! },
    };
  };
  /** What is not there at the moment is asked again, as a client does. */
  const ask = async (method: string, path: string, body?: unknown, headers = owner): Promise<Answer> => {
    const end = performance.now() + patience;
    for (;;) {
      const answer = await once(method, path, headers, body).catch((error: Error) => error.message);
      if (typeof answer !== 'string' && answer.status < 500 && answer.status !== 429) return answer;
      if (performance.now() > end) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
      await wait(100);
    }
  };
  const well = async (method: string, path: string, body?: unknown): Promise<Answer['body']> => {
    const { status, body: said } = await ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(said)}`);
    return said;
  };

  const { comparisons } = simulate({
    ...{ seed: 2, prompts: 150, responsesPerPrompt: 3, comparisons: 600 },
    annotators: { count: 4, noise: 0.3 },
  });
  const plan = { kind: 'reward.train', snapshot: 'v1', despiteGates: true };
  const ended = async (run: string): Promise<string> => {
    for (;;) {
      const { state } = await well('GET', at(`runs/${run}`));
      if (['finished', 'stopped'].includes(state)) return state;
      // Its process was killed four times: somebody has to say that it is to go on.
      if (state === 'failed') await ask('POST', at(`runs/${run}/resumption`));
      await wait(200);
    }
  };
  const bundles: string[] = [];
  let task = '';
  const people: { readonly headers: Record<string, string>; readonly name: string }[] = [];

  beforeAll(async () => {
    product = await openProduct();
    const account = { email: 'ada@example.org', name: 'Ada', password: 'correct horse battery' };
    const token = product.link.split('#')[1];
    owner = (await ask('POST', '/v1/link/accept', { token, account })).session;
    await well('POST', '/v1/projects', { name: 'support' });
    const file = Buffer.from(comparisons.map((row) => JSON.stringify(row)).join('\n'));
    await well('POST', at('datasets/votes/imports?name=votes.jsonl&personalData=keep'), file);
    await well('POST', at('snapshots'), { datasets: ['votes'], tag: 'v1' });
    const items = comparisons.slice(0, 60).map(({ prompt, responses }) => {
      const id = promptId(prompt);
      return { prompt: id, responses: responses.map((text) => responseId(id, text)) };
    });
    for (const name of ['first', 'second']) {
      const { id } = await well('POST', at('runs'), { ...plan, name, seed: bundles.length });
      expect(await ended(id)).toBe('finished');
      const { models } = await well('GET', at(`runs/${id}`));
      const bundle = (await well('POST', at('bundles'), { name, rewardModel: models[0] })).id;
      await well('POST', at(`bundles/${bundle}/golden`), { items });
      await well('POST', at(`bundles/${bundle}/evaluation`), { document: { accuracy: 0.7 } });
      bundles.push(bundle);
    }
    const questions = Array.from({ length: 600 }, (_, i) => ({
      prompt: `question ${i}`,
      responses: [`one answer to ${i}`, `another answer to ${i}`],
    }));
    task = (
      await well('POST', at('labelling/tasks'), {
        ...{ name: 'labels', kind: 'pairwise', dataset: 'labels', redundancy: 2, items: questions },
        ...{ goldShare: 0, attentionShare: 0 },
      })
    ).id;
    for (const name of ['bob', 'eve', 'ida']) {
      const { link } = await well('POST', at('invitations'), { role: 'annotator' });
      const account = { email: `${name}@example.org`, name, password: `the words of ${name}` };
      const joined = await ask('POST', '/v1/link/accept', { token: link.split('#')[1], account }, {});
      people.push({ headers: joined.session, name: `user:${joined.body.id}` });
    }
  }, 400_000);
  afterAll(async () => {
    over = true;
    await product?.close();
  }, 60_000);

  interface Labelled {
    readonly annotator: string;
    readonly prompt: string;
    readonly chosen: string | null;
  }
  const labelled: Labelled[] = [];
  /** Labels until all is over. Each answer is sent until it is acknowledged. */
  const label = async (task: string, headers: Record<string, string>, annotator: string): Promise<void> => {
    const random = new Random(seed, annotator);
    while (!over) {
      const { body } = await ask('POST', at(`labelling/tasks/${task}/next`), { open: 2 }, headers);
      if (body.items.length === 0) return;
      for (const { assignment, prompt, responses } of body.items) {
        const outcome = random.pick(['first', 'second', 'tie'] as const);
        const answer = { answer: { kind: 'pairwise', outcome }, seconds: 1 };
        const { status, body: said } = await ask(
          'PUT',
          at(`labelling/assignments/${assignment}/answer`),
          answer,
          headers,
        );
        if (status >= 300) throw new Error(`an answer was refused: ${status} ${JSON.stringify(said)}`);
        const chosen = outcome === 'tie' ? null : responses[outcome === 'first' ? 0 : 1];
        labelled.push({ annotator, prompt: prompt[0].content, chosen });
        await wait(60);
      }
    }
  };

  const runs: string[] = [];
  const train = async (): Promise<void> => {
    while (!over) {
      const { id } = await well('POST', at('runs'), {
        ...plan,
        name: `run ${runs.length}`,
        seed: runs.length,
      });
      runs.push(id);
      await ended(id);
    }
  };

  /** Acknowledged revisions of the deployment with what they say, in order. */
  const revisions = new Map<number, string>();
  const changePlaces = async (): Promise<void> => {
    for (let turn = 0; !over; turn++) {
      const { status, body } = await ask('GET', at('deployments/live'));
      const after = status === 404 ? 0 : (body.revision as number);
      const isBack = turn % 3 === 2;
      const next = body.bundle === bundles[0] ? bundles[1] : bundles[0];
      const changed = isBack
        ? await ask('POST', at('deployments/live/roll-back'), { after, reason: 'back' })
        : await ask('POST', at('deployments/live/promote'), { bundle: next, after, reason: 'on' });
      // A change that was made and whose answer was lost is found as one that came in between.
      if (changed.status < 300) revisions.set(changed.body.revision, changed.body.bundle);
      // One that was taken back is evaluated anew before it may serve again.
      else await ask('POST', at(`bundles/${next}/evaluation`), { document: { accuracy: 0.7 } });
      await wait(150);
    }
  };

  const snapshots = new Map<string, number>();
  const fix = async (): Promise<void> => {
    while (!over) {
      const { status, body } = await ask('POST', at('snapshots'), { datasets: ['labels'] });
      if (status < 300) snapshots.set(body.id, body.rows);
      await wait(300);
    }
  };

  it(`loses nothing that it acknowledged and doubles nothing when parts of it are killed twenty times`, async () => {
    const work = Promise.all([
      ...people.map(({ headers, name }) => label(task, headers, name)),
      ...[train(), changePlaces(), fix()],
    ]);
    const random = new Random(seed, 'kills');
    const left: Record<Part, number> = { server: 7, database: 7, run: 6 };
    const kill = async (): Promise<void> => {
      for (;;) {
        const parts = (['server', 'database', 'run'] as const).filter((part) => left[part] > 0);
        if (parts.length === 0) return;
        // By what was done, not by the clock, now and then in the middle of coming back from the last one.
        const until = labelled.length + random.integer(15);
        const end = performance.now() + longestWait;
        while (labelled.length < until && performance.now() < end) await wait(20);
        await wait(random.integer(500));
        if (!product.isThere())
          throw new Error(`the server ended by itself; to be killed: ${JSON.stringify(left)}`);
        const part = random.pick(parts);
        // A run that lost its server is taken up half a minute later: another part meanwhile.
        if (!(await product.kill(part))) continue;
        left[part]--;
        if (part === 'server') await product.start();
      }
    };
    await Promise.race([
      kill(),
      work.then(() => Promise.reject(new Error('the work ended before the kills'))),
    ]);
    // Everybody goes on for a while without faults.
    const calm = labelled.length + 10;
    while (labelled.length < calm || runs.length < 3 || revisions.size < 4) await wait(100);
    over = true;
    await work;
    expect(product.isThere()).toBe(true);

    // Answers: each that was acknowledged is a judgement that says the same, once, and there is no other.
    const rows: Judgement[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const cursor = after === '' ? '' : `&after=${after}`;
      const page: { rows: { judgement: Judgement }[]; next: string | null } = await well(
        'GET',
        at(`datasets/labels/rows?limit=500${cursor}`),
      );
      rows.push(...page.rows.map(({ judgement }) => judgement));
      after = page.next;
    }
    const said = rows.map((row) => {
      if (row.kind !== 'comparison') throw new Error(row.kind);
      const chosen = row.outcome === 'tie' ? null : row.responses[row.outcome === 'a' ? 0 : 1];
      return JSON.stringify([row.provenance.annotator, row.prompt[0]!.content, chosen]);
    });
    const acknowledged = labelled.map(({ annotator, prompt, chosen }) =>
      JSON.stringify([annotator, prompt, chosen]),
    );
    expect(new Set(said).size).toBe(said.length);
    expect(said.sort()).toEqual(acknowledged.sort());

    // Runs: every one that was begun ends as finished.
    for (const run of runs) expect(await ended(run)).toBe('finished');
    const { models } = await well('GET', at('models?limit=1000'));
    expect(new Set(models.map(({ run }: { run: string }) => run)).size).toBe(models.length);

    // Deployments: revisions without gaps, what was acknowledged among them, and what serves is what the last one says.
    const history = (await well('GET', at('deployments/live/history?limit=1000'))).revisions;
    expect(history.map(({ revision }: { revision: number }) => revision)).toEqual(
      history.map((_: unknown, i: number) => history.length - i),
    );
    for (const [revision, bundle] of revisions)
      expect(history.find((one: { revision: number }) => one.revision === revision).bundle).toBe(bundle);
    const states = new Map<string, string>(
      (await well('GET', at('bundles'))).bundles.map((one: { id: string; state: string }) => [
        one.id,
        one.state,
      ]),
    );
    const [{ bundle: live }] = history;
    expect(states.get(live)).toBe('production');
    expect([...states.values()].filter((state) => state === 'production')).toHaveLength(1);
    const { key } = await well('POST', at('keys'), { name: 'application', role: 'engineer' });
    const asked = { prompt: comparisons[0]!.prompt, responses: comparisons[0]!.responses };
    const expected = `${live === bundles[0] ? 'first' : 'second'}@1`;
    await expect
      .poll(
        async () =>
          (await ask('POST', '/v1/score', asked, { authorization: `Bearer ${key}` })).body?.data?.[0]
            ?.model_version,
        { timeout: 30_000 },
      )
      .toBe(expected);

    // Snapshots: each that was acknowledged is whole.
    for (const [id, count] of snapshots) {
      let found = 0;
      for (let after: string | null = ''; after !== null; ) {
        const cursor = after === '' ? '' : `&after=${after}`;
        const page: { rows: unknown[]; next: string | null } = await well(
          'GET',
          at(`snapshots/${id}/rows?limit=1000${cursor}`),
        );
        found += page.rows.length;
        after = page.next;
      }
      expect(found).toBe(count);
    }
    expect(snapshots.size).toBeGreaterThan(2);
    expect(await well('GET', at('audit/verification'))).toMatchObject({ intact: true });
  }, 900_000);
});
