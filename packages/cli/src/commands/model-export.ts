/** @file `plaudit model export`: a policy as a whole model that other programs run. */
import { Command } from 'commander';
import { namingFlags, required, withPresentation } from '../options.ts';
import { bytes } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly policy: string;
  readonly out: string;
  readonly format: string;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly overwrite?: boolean;
  readonly base?: string;
}

const example = `plaudit model export --policy ppo --out ppo-merged
plaudit model export --policy ppo --format gguf-q8_0 --out ppo.gguf`;

export const modelExport = (): Command =>
  withPresentation(
    required(
      required(
        new Command('export').description('Write a policy, its adapter added in, for other programs'),
        '--policy <path>',
        'a saved policy or a checkpoint',
      ),
      '--out <path>',
      'a new folder for safetensors, a file for GGUF',
    )
      .option('--format <name>', 'safetensors, gguf-f16 or gguf-q8_0 (llama.cpp)', 'safetensors')
      .option('--dtype <name>', 'of safetensors: F32, F16 or BF16', 'F32')
      .option('--overwrite', 'replace the GGUF file if it is there')
      .option('--base <path>', "where an adapter's base lies now, if it was moved"),
    example,
  ).action((options: Options) =>
    present(options, async ({ signal }) => {
      const { exportPolicy } = await import('@plaudit/policy');
      const { policy, out, format, dtype, overwrite = false, base } = options;
      const document = await namingFlags(() =>
        exportPolicy(policy, { out, format, dtype, overwrite, signal, ...(base !== undefined && { base }) }),
      );
      const text = `Wrote ${document.out} (${document.format}, ${bytes(document.bytes)}).\n`;
      return { document, text };
    }),
  );
