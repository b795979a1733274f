/** @file What a distillation reads: judged prompts, the responses to them that nobody judged, and a split that fits the teacher. */
import { canonicalJson } from '@plaudit/contract';
import { type PromptSplit, readPromptRows, splitByPrompt } from '@plaudit/feedback';
import type { ModelCard } from '../model.ts';
import { type PreferenceData, readPreferenceData } from '../run/preference-data.ts';

export interface LessonData {
  readonly data: PreferenceData;
  readonly split: PromptSplit;
  readonly fractions: ModelCard['data']['split']['fractions'];
  readonly splitSeed: number;
  /** Responses that nobody judged, by the id of their prompt's tree. */
  readonly unjudged: ReadonlyMap<string, readonly string[]>;
  /** Rows of responses whose prompts are not among the judged ones. */
  readonly otherPrompts: number;
  /** Whether the teacher was trained on the same files, whose test side it has not seen either. */
  readonly asTeacher: boolean;
}

const digests = (sources: readonly { readonly sha256: string }[]): string =>
  sources.map(({ sha256 }) => sha256).join();

/**
 * Where the data are the files that the teacher was trained on, the split is the teacher's own: what is held out from the
 * proxy was held out from its teacher as well.
 *
 * @throws data.*
 */
export const readLessonData = async (
  paths: { readonly data: readonly string[]; readonly responses: readonly string[] },
  teacher: ModelCard,
  options: {
    readonly format: string;
    readonly seed: number;
    readonly fractions: { readonly validation: number; readonly test: number };
    readonly signal?: AbortSignal | undefined;
  },
): Promise<LessonData> => {
  const { format, signal } = options;
  const data = await readPreferenceData(paths.data, { format, ...(signal && { signal }) });
  const own = teacher.data.split;
  const asTeacher = data.sources.length > 0 && digests(data.sources) === digests(teacher.data.sources);
  const splitSeed = asTeacher ? own.seed : options.seed;
  const { validation, test } = asTeacher ? own.fractions : options.fractions;
  const split = splitByPrompt(data.trees, { seed: splitSeed, validation, test });

  const trees = new Map(data.trees.map((tree) => [canonicalJson(tree.prompt), tree]));
  const unjudged = new Map<string, string[]>();
  let otherPrompts = 0;
  for (const path of paths.responses)
    for (const { prompt, responses } of await readPromptRows(path, signal ? { signal } : {})) {
      const tree = trees.get(canonicalJson(prompt));
      if (!tree) {
        otherPrompts++;
        continue;
      }
      const known = unjudged.get(tree.id) ?? [];
      const added = [...new Set(responses)].filter(
        (response) => !tree.responses.includes(response) && !known.includes(response),
      );
      if (added.length > 0) unjudged.set(tree.id, [...known, ...added]);
    }
  const fractions = { train: 1 - validation - test, validation, test };
  return { data, split, fractions, splitSeed, unjudged, otherPrompts, asTeacher };
};
