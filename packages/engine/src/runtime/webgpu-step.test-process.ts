/**
 * @file A training step on WebGPU in a process of its own: what a GPU driver does to the process cannot hurt the tests.
 *
 * Prints one JSON document: the losses of ten steps, or why there are none.
 */
import { PlauditError } from '@plaudit/contract';
import { EngineWorker } from './engine-worker.ts';
import type { ProviderName } from './providers.ts';
import { leastSquares } from './test-models.ts';

const provider = process.argv[2] as ProviderName;

const losses = async (): Promise<number[]> => {
  await using worker = await EngineWorker.start({ provider, threads: 1 });
  const session = await worker.open(leastSquares(4));
  const data = Float32Array.of(0, 0, 0, 0);
  const parameters = await worker.createParameters({ w: { shape: [4, 1], data } });
  const x = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
  const t = Float32Array.from({ length: 8 }, (_, i) => Math.cos(i));
  const result: number[] = [];
  for (let step = 0; step < 10; step++) {
    const { loss } = await session.accumulate(
      { x: { dtype: 'float32', shape: [8, 4], data: x }, t: { dtype: 'float32', shape: [8, 1], data: t } },
      { parameters, fetch: ['loss'] },
    );
    result.push(loss!.data[0] as number);
    await parameters.apply({ learningRate: 0.1 });
  }
  return result;
};

try {
  console.log(JSON.stringify({ losses: await losses() }));
} catch (error) {
  if (!(error instanceof PlauditError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
