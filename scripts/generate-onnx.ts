/**
 * @file Generates `packages/engine/src/onnx/onnx_pb.ts` from `packages/engine/proto/onnx.proto`.
 *
 * `onnx.proto` is the file of ONNX 1.23.2 (Apache-2.0), unchanged. The output is checked in, so only someone
 * who replaces that file needs to run this; the generator is fetched for it. `erasable_syntax` turns enums into constant objects: Node's type
 * stripping refuses TypeScript enums.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Exact versions: another one may write other code. */
const generator = ['@bufbuild/buf@1.75.0', '@bufbuild/protoc-gen-es@2.17.0'];

const template = {
  version: 'v2',
  plugins: [
    {
      local: 'protoc-gen-es',
      out: 'packages/engine/src/onnx',
      opt: ['target=ts', 'import_extension=ts', 'erasable_syntax=true'],
    },
  ],
};

execFileSync(
  'npx',
  [
    '--yes',
    ...generator.map((name) => `--package=${name}`),
    ...['buf', 'generate', 'packages/engine/proto', '--template', JSON.stringify(template)],
  ],
  { cwd: root, stdio: 'inherit' },
);
