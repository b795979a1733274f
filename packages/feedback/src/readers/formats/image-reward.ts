/** @file ImageReward rows: a prompt, the names of the images generated for it, and the rank that people gave each.
 * @see Xu et al. 2023, https://github.com/THUDM/ImageReward
 */
import type { Ranking } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import { hasFields, labelNumber, listOf, oneResponse, promptText } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, faultAt, provenanceOf } from './format.ts';

export const imageReward: Format<'image-reward'> = {
  name: 'image-reward',
  fields: 'prompt, generations (names of images), ranking (a rank for each, 1 the best)',
  responseFields: ['generations'],
  detect: (row) => hasFields(row, 'prompt', 'generations', 'ranking'),
  parse(row, place): Ranking {
    const prompt = toPrompt(promptText(row, 'prompt'));
    const responses = listOf(row, 'generations').map((name, i) => oneResponse(name, `generations.${i}`));
    if (row.ranking === undefined || row.ranking === null) throw new RowFault('missing_label', 'ranking');
    const ranks = listOf(row, 'ranking').map((rank, i) =>
      faultAt(`ranking.${i}`, () => labelNumber({ rank }, 'rank')),
    );
    if (ranks.length !== responses.length) throw new RowFault('bad_field', 'ranking');
    if (responses.length < 2) throw new RowFault('nothing_ranked', 'generations');
    const groups = Map.groupBy(ranks.keys(), (i) => ranks[i]!);
    return {
      kind: 'ranking',
      prompt,
      responses,
      groups: [...groups].sort(([a], [b]) => a - b).map(([, group]) => group),
      provenance: provenanceOf(place, { annotatorKind: 'human', segments: { modality: 'image' } }),
    };
  },
};
