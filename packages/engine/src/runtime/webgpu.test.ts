/** @file WebGPU computes what the CPU computes, where there is an adapter. Says so when there is none. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

interface Outcome {
  readonly losses?: readonly number[];
  readonly code?: string;
  readonly message?: string;
}

/** Chromium's software Vulkan, in Debian's package `chromium`; Mesa's llvmpipe of Debian 12 is not enough. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

const trainOn = async (provider: string, environment: Record<string, string> = {}): Promise<Outcome> => {
  const file = fileURLToPath(new URL('./webgpu-step.test-process.ts', import.meta.url));
  const options = { timeout: 50_000, env: { ...process.env, ...environment } };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=source', file, provider],
    options,
  );
  return JSON.parse(stdout);
};

it('WebGPU takes the same training steps as the CPU', async ({ skip }) => {
  let outcome = await trainOn('webgpu').catch((error: Error): Outcome => ({ message: error.message }));
  if (!outcome.losses && existsSync(swiftShader)) {
    outcome = await trainOn('webgpu', { VK_ICD_FILENAMES: swiftShader });
  }
  if (!outcome.losses) {
    // Without a device the error is one of the table, unless the driver took the process down.
    if (outcome.code) expect(['engine.provider_absent', 'engine.provider_unusable']).toContain(outcome.code);
    console.warn(`SKIPPED: no training step on WebGPU was tested: ${outcome.message}`);
    skip();
  }
  const { losses } = await trainOn('cpu');
  expect(losses).toHaveLength(10);
  expect(losses![9]).toBeLessThan(losses![0]!);
  losses!.forEach((loss, step) => {
    expect(outcome.losses![step]).toBeCloseTo(loss, 4);
  });
});
