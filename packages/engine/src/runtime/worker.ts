/** @file The worker thread: sessions, parameter stores and attention caches, and the answers to the main thread's requests. */
import { parentPort } from 'node:worker_threads';
import { create, toBinary } from '@bufbuild/protobuf';
import { PlauditError, plauditError } from '@plaudit/contract';
import { ModelProtoSchema, TensorProto_DataType } from '../onnx/onnx_pb.ts';
import { type Answer, serve } from './channel.ts';
import { HostedSession } from './hosted-session.ts';
import { KeysAndValues } from './keys-and-values.ts';
import type { EngineCalls, EngineWorkerOptions } from './protocol.ts';
import { availableProviders, requireProvider } from './providers.ts';
import { detached, type TensorValue, type TensorValues } from './tensor.ts';
import { type ParameterSnapshot, TrainedParameters } from './trained-parameters.ts';

let settings: EngineWorkerOptions = {};
let count = 0;
const sessions = new Map<number, HostedSession>();
const stores = new Map<number, TrainedParameters>();
const caches = new Map<number, KeysAndValues>();

const session = (id: number): HostedSession => {
  const found = sessions.get(id);
  if (!found) throw plauditError('engine.closed', { what: 'session' });
  return found;
};

const store = (id: number): TrainedParameters => {
  const found = stores.get(id);
  if (!found) throw plauditError('engine.closed', { what: 'parameter store' });
  return found;
};

const cache = (id: number): KeysAndValues => {
  const found = caches.get(id);
  if (!found) throw plauditError('engine.closed', { what: 'attention cache' });
  return found;
};

const done: Answer<null> = { value: null };

/** Outputs are fresh arrays of this run, so their buffers are given away. */
const moved = (outputs: TensorValues): Answer<TensorValues> => {
  const { values, transfer } = detached(outputs, true);
  return { value: values, transfer };
};

/** Runs one operator on the provider: a library without a device fails here, by name, and not in the first graph. */
const tryProvider = async ({ provider = 'cpu', ...rest }: EngineWorkerOptions): Promise<void> => {
  await requireProvider(provider);
  try {
    const probe = await HostedSession.open({ model: reluModel(), externalData: [] }, { provider, ...rest });
    await probe.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(-1) } }, ['y']);
    await probe.close();
  } catch (error) {
    const available = (await availableProviders()).filter((name) => name !== provider).join(', ');
    const problem = (error instanceof PlauditError && error.parameters.problem) || (error as Error).message;
    throw plauditError('engine.provider_unusable', { provider, available, problem }, error);
  }
};

const reluModel = (): Uint8Array => {
  const scalar = (name: string) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: TensorProto_DataType.FLOAT,
          shape: { dim: [{ value: { case: 'dimValue' as const, value: 1n } }] },
        },
      },
    },
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 10n,
      opsetImport: [{ domain: '', version: 20n }],
      graph: {
        name: 'probe',
        node: [{ opType: 'Relu', input: ['x'], output: ['y'] }],
        input: [scalar('x')],
        output: [scalar('y')],
      },
    }),
  );
};

if (!parentPort) throw new Error('This file is the start of a worker thread.');

serve<EngineCalls>(parentPort, {
  async start(options) {
    if (options.provider !== 'cpu') await tryProvider(options);
    settings = options;
    return done;
  },

  async open({ model, externalData, options }) {
    const opened = await HostedSession.open({ model, externalData }, settings, options);
    sessions.set(++count, opened);
    return { value: count };
  },

  async run({ session: id, feeds, fetch, parameters, cache: use }) {
    const trained = parameters === null ? [] : store(parameters).values();
    if (!use) return moved(await session(id).run(feeds, fetch, trained));
    const seen = cache(use.id);
    const { outputs: kept } = seen;
    const outputs = await session(id).run(feeds, [...fetch, ...kept], trained, seen.values(use));
    seen.write(outputs, use.writes);
    for (const name of kept) delete outputs[name];
    return moved(outputs);
  },

  async accumulate({ session: id, feeds, fetch, parameters, gradients, context }, commit) {
    const trained = store(parameters);
    const outputs = await session(id).run(feeds, [...new Set([...fetch, ...gradients])], trained.values());
    const returned: Record<string, TensorValue> = {};
    for (const name of fetch) {
      const output = outputs[name]!;
      // The array of a gradient becomes the accumulator: who wants to see it too gets a copy.
      returned[name] = gradients.includes(name)
        ? ({ ...output, data: output.data.slice() } as TensorValue)
        : output;
    }
    trained.accumulate(outputs, context, commit);
    return moved(returned);
  },

  async close(id) {
    await session(id).close();
    sessions.delete(id);
    return done;
  },

  create({ initial, options }) {
    stores.set(++count, new TrainedParameters(initial, options));
    return { value: count };
  },

  apply: ({ parameters, options }) => ({ value: store(parameters).apply(options) }),

  clear(parameters) {
    store(parameters).clearGradients();
    return done;
  },

  snapshot({ parameters, moments }) {
    const value = store(parameters).snapshot(moments);
    return { value, transfer: buffersOf(value) };
  },

  restore({ parameters, snapshot }) {
    store(parameters).restore(snapshot);
    return done;
  },

  createCache(shape) {
    caches.set(++count, new KeysAndValues(shape));
    return { value: count };
  },

  reserve({ cache: id, capacity }) {
    cache(id).reserve(capacity);
    return done;
  },

  copy({ cache: id, pairs, positions }) {
    cache(id).copy(pairs, positions);
    return done;
  },

  forget(id) {
    stores.delete(id);
    caches.delete(id);
    return done;
  },
});

const buffersOf = ({ parameters }: ParameterSnapshot): ArrayBuffer[] =>
  Object.values(parameters).flatMap(({ value, firstMoment, secondMoment }) =>
    [value, firstMoment, secondMoment].flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])),
  );
