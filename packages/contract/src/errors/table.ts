/** @file The error table: every error that a user can meet, by code. `docs/errors.md` is generated from it. */
import { cliErrors } from './cli.ts';
import { dataErrors } from './data.ts';
import { engineErrors } from './engine.ts';
import { type ErrorParameters, type ErrorRow, PlauditError } from './error.ts';
import { graphErrors } from './graph.ts';
import { labellingErrors } from './labelling.ts';
import { modelErrors } from './models.ts';
import { onnxErrors } from './onnx.ts';
import { policyErrors } from './policy.ts';
import { privacyErrors } from './privacy.ts';
import { qualityErrors } from './quality.ts';
import { rewardErrors } from './reward.ts';
import { rollOutErrors } from './roll-out.ts';
import { selectionErrors } from './selection.ts';
import { serverErrors } from './server.ts';
import { servingErrors } from './serving.ts';
import { snapshotErrors } from './snapshot.ts';
import { storeErrors } from './store.ts';

export const errorTable = {
  ...cliErrors,
  ...dataErrors,
  ...modelErrors,
  ...engineErrors,
  ...graphErrors,
  ...onnxErrors,
  ...rewardErrors,
  ...policyErrors,
  ...storeErrors,
  ...serverErrors,
  ...servingErrors,
  ...qualityErrors,
  ...privacyErrors,
  ...snapshotErrors,
  ...selectionErrors,
  ...labellingErrors,
  ...rollOutErrors,
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/**
 * Makes the error of a table row; the caller throws it.
 *
 * @example throw plauditError('data.file_missing', { path })
 */
export const plauditError = (
  code: ErrorCode,
  parameters: ErrorParameters = {},
  cause?: unknown,
): PlauditError => new PlauditError(code, errorTable[code], parameters, cause);
