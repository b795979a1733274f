/**
 * @file What others computed on real data, beside what Plaudit finds: `npm run bench -- known-answers DATA`. A table of
 * agreement, annotator models and Bradley-Terry, each with the program or the page that the other number is from.
 */
import { join } from 'node:path';
import {
  bradleyTerryAbilities,
  type Contest,
  dawidSkene,
  fleissKappa,
  krippendorffAlpha,
  majorityVote,
  pairAgreement,
  readContests,
  readWorkerLabels,
  streamJudgements,
  valuesOfJudgements,
} from '@plaudit/feedback';

interface Known {
  readonly what: string;
  readonly others: string;
  readonly here: string;
}

export const benchKnownAnswers = async ([data = '../shared/data']: readonly string[]): Promise<void> => {
  const rows = [...(await agreement(data)), ...(await crowds(data)), ...(await contests(data))];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  process.stdout.write(
    `${[
      line(['what', 'others found', 'Plaudit finds']),
      line(['---', '---', '---']),
      ...rows.map(({ what, others, here }) => line([what, others, here])),
    ].join('\n')}\n`,
  );
};

const agreement = async (data: string): Promise<Known[]> => {
  const { readFile } = await import('node:fs/promises');
  const path = join(data, 'text-pairs/pandalm-testset-v1.open.json');
  const rows = JSON.parse(await readFile(path, 'utf8')) as Record<string, number>[];
  const votes = rows.flatMap((row, unit) =>
    ['annotator1', 'annotator2', 'annotator3'].map((annotator) => ({
      unit: String(unit),
      annotator,
      value: row[annotator]!,
    })),
  );
  const alpha = krippendorffAlpha(votes, { resamples: 1000 });
  const bounds = alpha.interval!.map((bound) => bound.toFixed(3)).join(' to ');
  const what = `PandaLM, ${rows.length} rows:`;
  const judgements = [];
  for await (const batch of streamJudgements(join(data, 'annotators/popquorn-offensiveness-raw_data.csv.gz')))
    judgements.push(...batch.judgements);
  const [ratings] = valuesOfJudgements(judgements).tables;
  const ofPeople = krippendorffAlpha(ratings!.values, { measurement: 'ordinal', resamples: 200 });
  return [
    {
      what: `${what} Krippendorff's alpha, nominal (0.864221 in all 999 rows)`,
      others: '0.874358 (krippendorff)',
      here: `${alpha.value!.toFixed(6)} (${bounds})`,
    },
    {
      what: `${what} Fleiss' kappa (0.864175 in all 999 rows)`,
      others: '0.874282 (statsmodels)',
      here: fleissKappa(votes).value!.toFixed(6),
    },
    {
      what: `${what} agreement of two annotators`,
      others: '',
      here: pairAgreement(votes).value!.toFixed(4),
    },
    {
      what: `POPQUORN offensiveness, ${ratings!.values.length} ratings: alpha, ordinal`,
      others: '',
      here: `${ofPeople.value!.toFixed(3)} (${ofPeople.interval!.map((bound) => bound.toFixed(3)).join(' to ')})`,
    },
  ];
};

const crowdSets = [
  ['Duck', 'd_Duck_Identification', 'answer.csv', 'truth.csv', '0.898', '0.759'],
  ['Dog', 's4_Dog_data', 'answer.csv', 'truth.csv', '0.843', '0.822'],
  ['Face', 's4_Face_Sentiment_Identification', 'answer.csv', 'truth.csv', '0.640', '0.637'],
  ['AdultContent2', 'gal-AdultContent2', 'labels.txt.gz', 'gold.txt', '0.748', '0.760'],
] as const;

const crowds = async (data: string): Promise<Known[]> => {
  const rows: Known[] = [];
  for (const [name, folder, labels, truth, inDawidSkene, inMajority] of crowdSets) {
    const at = (file: string): string => join(data, 'crowd-gold', folder, file);
    const read = await readWorkerLabels({ labels: at(labels), gold: at(truth) });
    const found = dawidSkene(read.labels);
    const majority = majorityVote(read.labels);
    rows.push({
      what: `${name}: share of gold labels that Dawid and Skene's model finds (majority of votes)`,
      others: `${inDawidSkene} (${inMajority})`,
      here: `${shareRight(found, read.gold).toFixed(3)} (${shareRight(majority, read.gold).toFixed(3)})`,
    });
  }
  return rows;
};

/** Where several labels are equally probable, the share of them that is right counts. */
const shareRight = (
  { classes, units }: Pick<ReturnType<typeof dawidSkene>, 'classes' | 'units'>,
  gold: ReadonlyMap<string, string>,
): number => {
  let [right, all] = [0, 0];
  for (const { unit, probabilities } of units) {
    const truth = gold.get(unit);
    if (truth === undefined) continue;
    all++;
    const most = Math.max(...probabilities);
    const best = classes.filter((_, k) => probabilities[k]! > most - 1e-9);
    if (best.includes(truth)) right += 1 / best.length;
  }
  return right / all;
};

const games = [
  ['citations', 'citations-pairs.csv', false, '-20.19694'],
  ['baseball', 'baseball.csv', false, '-64.2593'],
  ['baseball with a home effect', 'baseball.csv', true, '-61.554; home 0.30226'],
  ['ice hockey', 'icehockey.csv', false, '-652.4499'],
  ['CEMS, with ties', 'CEMS-preferences.csv', false, ''],
] as const;

const contests = async (data: string): Promise<Known[]> => {
  const rows: Known[] = [];
  for (const [name, file, home, inR] of games) {
    const read = await readContests(join(data, 'bradley-terry', file));
    const met = read.contests.map(
      (one): Contest => ({
        a: one.first,
        b: one.second,
        aWins: one.firstWins,
        bWins: one.secondWins,
        ties: one.ties,
        ...(one.home && { home: one.home === 'first' ? 'a' : 'b' }),
        ...(one.context.student !== undefined && { cluster: one.context.student }),
      }),
    );
    const found = bradleyTerryAbilities(met, { home });
    const best = found.systems[0]!;
    rows.push({
      what: `Bradley-Terry, ${name}: log-likelihood as R's BradleyTerry2 counts it`,
      others: inR,
      here: `${found.roundedLogLikelihood.toFixed(5)}${found.home ? `; home ${found.home.value.toFixed(5)}` : ''}; first ${best.system}, ${best.ability.toFixed(2)} (${best.interval.map((bound) => bound.toFixed(2)).join(' to ')})`,
    });
  }
  return rows;
};
