/** @file A model of the Hub from the command line to a trained adapter, offline again, and shared with Python's huggingface_hub. */
import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from '../packages/cli/src/testing.ts';
import { type LoopbackHub, startHub } from '../packages/models/src/hub/testing.ts';

const fixture = fileURLToPath(new URL('../packages/models/fixtures/llama', import.meta.url));
const llama = Object.fromEntries(
  readdirSync(fixture).map((name) => [name, readFileSync(join(fixture, name))]),
);
const large = Buffer.alloc(2 ** 20, 'weights');

interface PullDocument {
  readonly id: string;
  readonly commit: string;
  readonly path: string;
  readonly bytes: number;
  readonly downloadedBytes: number;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly downloaded: boolean }[];
}

let hub: LoopbackHub;
const work = temporaryFolder();
const at = (name: string): string => join(work, name);

/** The environment of a person with an empty home and this Hub. */
const environment = (home: string, more: Record<string, string> = {}): Record<string, string> => ({
  HF_ENDPOINT: hub.url,
  HF_HOME: home,
  HF_TOKEN: '',
  HF_HUB_CACHE: join(home, 'hub'),
  HF_HUB_OFFLINE: '',
  PLAUDIT_CACHE: at('plaudit-cache'),
  ...more,
});

beforeAll(async () => {
  hub = await startHub({
    'org/llama': { files: llama },
    'org/large': { files: { 'model.gguf': large } },
    'org/gated': { files: llama, token: 'hf_mine', gated: true },
  });
  const size = ['--prompts', '40', '--comparisons', '200', '--seed', '1'];
  await plauditJson(['data', 'simulate', ...size, '--out', at('data.jsonl')]);
});
beforeEach(() => {
  hub.seen.length = 0;
  hub.cuts = [];
  hub.delay = 0;
});
afterAll(() => hub.close());

describe('plaudit model pull', () => {
  it('prints where the model is, as one document', async () => {
    const env = environment(temporaryFolder());
    const document = await plauditJson<PullDocument>(['model', 'pull', 'org/llama'], { env });
    expect(document).toMatchObject({ id: 'org/llama', revision: 'main', commit: hub.commit('org/llama') });
    expect(document.path).toBe(
      join(env.HF_HOME!, 'hub', 'models--org--llama', 'snapshots', hub.commit('org/llama')),
    );
    expect(document.downloadedBytes).toBe(document.bytes);
    const again = await plaudit(['model', 'pull', 'hf:org/llama', '--revision', 'main'], { env });
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('nothing: all was there');
    expect(again.stdout).toContain('--base hf:org/llama');
  });

  it('says on stderr how far it is, in bytes', async () => {
    hub.delay = 100;
    const { code, stderr } = await plaudit(['model', 'pull', 'org/large/model.gguf'], {
      env: environment(temporaryFolder()),
    });
    expect(code).toBe(0);
    const lines = stderr.trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      progress: { phase: 'download', totalSteps: large.length, unit: 'bytes' },
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGKILL', null],
  ] as const)('that is ended by %s is gone on with by the same command', async (signal, code) => {
    const env = environment(temporaryFolder());
    hub.delay = 300;
    const words = ['model', 'pull', 'org/large/model.gguf', '--json'];
    const stopped = await plaudit(words, {
      env,
      onStderr: (child, soFar) => {
        const steps = [...soFar.matchAll(/"phase":"download","step":(\d+)/g)];
        if (steps.some(([, step]) => Number(step) > 65_536) && !child.killed) child.kill(signal);
      },
    });
    expect(stopped.code).toBe(code);
    if (signal === 'SIGINT') {
      expect(stopped.stdout).toBe('');
      expect(stopped.stderr).toContain('What was downloaded is kept: the same command goes on from there.');
    }
    hub.delay = 0;
    hub.seen.length = 0;
    const { path } = await plauditJson<PullDocument>(words.slice(0, -1), { env });
    expect(readFileSync(path).equals(large)).toBe(true);
    const [{ headers }] = hub.seen.filter(({ host }) => host === 'cdn') as [(typeof hub.seen)[number]];
    expect(Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1])).toBeGreaterThanOrEqual(65_536);
  });

  it('by two processes at once gives both the same whole file', async () => {
    const env = environment(temporaryFolder());
    hub.delay = 10;
    const pulls = [1, 2, 3].map(() =>
      plauditJson<PullDocument>(['model', 'pull', 'org/large'], { env, alone: true }),
    );
    for (const { path } of await Promise.all(pulls)) expect(readFileSync(path).equals(large)).toBe(true);
    expect(readdirSync(join(env.HF_HOME!, 'hub', 'models--org--large', 'blobs'))).toHaveLength(1);
  });

  it.each([
    [['name'], 'model.hub_reference', 64],
    [['org/none'], 'model.hub_repository_missing', 66],
    [['org/llama', '--revision', 'v9'], 'model.hub_revision_missing', 66],
    [['org/gated'], 'model.hub_gated', 69],
    [['org/llama/pytorch_model.bin'], 'model.pickle_refused', 65],
  ])('of %j is refused as %s', async (words, code, exit) => {
    const error = await plauditError(['model', 'pull', ...words], { env: environment(temporaryFolder()) });
    expect(error).toMatchObject({ code, exit });
    expect(JSON.stringify(error)).not.toContain('hf_mine');
  });

  it('takes the token that `hf auth login` stored', async () => {
    const home = temporaryFolder();
    await promisify(execFile)('sh', ['-c', 'printf "hf_mine\\n" > "$0/token"', home]);
    await plauditJson(['model', 'pull', 'org/gated'], { env: environment(home) });
  });
});

describe('a reward model on a base of the Hub', () => {
  const train = (out: string, ...words: string[]): string[] => [
    ...['reward', 'train', '--data', at('data.jsonl'), '--kind', 'transformer', '--base', 'hf:org/llama'],
    ...['--max-length', '64', '--epochs', '1', '--limit-pairs', '40', '--out', at(out), ...words],
  ];
  const score = (model: string): string[] => [
    ...['reward', 'score', '--model', at(model), '--input', at('adapter/test-scores.jsonl')],
  ];
  const readJson = (path: string) => JSON.parse(readFileSync(at(path), 'utf8'));
  const home = temporaryFolder();

  beforeAll(async () => {
    await plauditJson(train('adapter'), { env: environment(home) });
  });

  it('remembers its id and commit, and PEFT finds both', () => {
    const commit = hub.commit('org/llama');
    expect(readJson('adapter/plaudit.json').lineage.hub).toEqual({ id: 'org/llama', commit, file: null });
    expect(readJson('adapter/adapter_config.json')).toMatchObject({
      base_model_name_or_path: 'org/llama',
      revision: commit,
    });
  });

  it('is used from the cache without a request', async () => {
    await plauditJson(score('adapter'), { env: environment(home) });
    expect(hub.seen).toEqual([]);
  });

  it('is trained offline from the cache, too', async () => {
    await plauditJson(train('offline'), { env: environment(home, { HF_HUB_OFFLINE: '1' }) });
    expect(hub.seen).toEqual([]);
    expect(readFileSync(at('offline/adapter_model.safetensors'))).toEqual(
      readFileSync(at('adapter/adapter_model.safetensors')),
    );
  });

  it('on a machine that lacks the base names the command that gets it, and that command is right', async () => {
    const env = environment(temporaryFolder());
    const error = await plauditError(score('adapter'), { env });
    expect(error).toMatchObject({ code: 'model.hub_not_cached', exit: 66 });
    expect(hub.seen).toEqual([]);
    const [, command] = /run: plaudit (model pull \S+)$/.exec(error.cure) ?? [];
    await plauditJson(command!.split(' '), { env });
    await plauditJson(score('adapter'), { env });
  });

  it('offline without the base is refused before anything is written', async () => {
    const env = environment(temporaryFolder(), { HF_HUB_OFFLINE: '1' });
    expect(await plauditError(train('nothing'), { env })).toMatchObject({ code: 'model.hub_not_cached' });
    expect(readdirSync(work).filter((name) => name.startsWith('nothing'))).toEqual([]);
  });
});

const hasHuggingfaceHub = (): boolean => {
  try {
    execFileSync('python3', ['-c', 'import huggingface_hub'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!hasHuggingfaceHub())("Python's huggingface_hub", () => {
  const python = async (code: string, env: Record<string, string>): Promise<string> => {
    const { stdout } = await promisify(execFile)('python3', ['-c', code], {
      env: { ...process.env, ...env, HF_HUB_DISABLE_XET: '1', HF_HUB_DISABLE_TELEMETRY: '1' },
    });
    return stdout.trim();
  };

  it('finds offline what a pull cached, and its cache scan has nothing to complain about', async () => {
    const env = environment(temporaryFolder());
    const { path } = await plauditJson<PullDocument>(['model', 'pull', 'org/llama'], { env });
    const found = await python(
      `from huggingface_hub import snapshot_download, hf_hub_download, try_to_load_from_cache, scan_cache_dir
print(snapshot_download('org/llama'))
print(hf_hub_download('org/llama', 'model.safetensors'))
print(try_to_load_from_cache('org/llama', 'config.json'))
print(len(scan_cache_dir().warnings))`,
      { ...env, HF_HUB_OFFLINE: '1' },
    );
    const files = ['model.safetensors', 'config.json'].map((name) => join(path, name));
    expect(found.split('\n')).toEqual([path, ...files, '0']);
  });

  it('downloads nothing of what a pull cached', async () => {
    const env = environment(temporaryFolder());
    await plauditJson(['model', 'pull', 'org/llama'], { env });
    hub.seen.length = 0;
    await python(
      "from huggingface_hub import hf_hub_download as d; d('org/llama', 'model.safetensors')",
      env,
    );
    expect(hub.seen.map(({ method }) => method)).not.toContain('GET');
  });

  it('caches what a pull then does not download', async () => {
    const env = environment(temporaryFolder());
    const names = Object.keys(llama);
    await python(
      `from huggingface_hub import hf_hub_download
for name in ${JSON.stringify(names)}: hf_hub_download('org/llama', name)`,
      env,
    );
    const { downloadedBytes, path } = await plauditJson<PullDocument>(['model', 'pull', 'org/llama'], {
      env,
    });
    expect(downloadedBytes).toBe(0);
    const offline = { ...env, HF_HUB_OFFLINE: '1' };
    expect((await plauditJson<PullDocument>(['model', 'pull', 'org/llama'], { env: offline })).path).toBe(
      path,
    );
  });
});
