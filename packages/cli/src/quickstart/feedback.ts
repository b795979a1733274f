/** @file Steps: simulated judgements come in, are looked at, and are fixed as snapshots. */
import { abilityOf, simulate, studyAnnotators, writeJudgements } from '@plaudit/feedback';
import { count, percent, plural } from '../output/text.ts';
import { importFile, type Quickstart, type Step } from './step.ts';

/** Annotators as they are: unsure of what is close, led by the side that they see first, and one who clicks at random. */
const study = { count: 12, noise: 0.5, sideBias: 0.2, spamShare: 0.08 };
const responsesPerPrompt = 4;
const files = { votes: 'votes.jsonl', more: 'more-votes.jsonl', flipped: 'flipped-votes.jsonl' };

/** The same judgements each time they are asked for. */
const simulated = ({ seed, sizes: { prompts, votes, moreVotes } }: Quickstart) => {
  const all = simulate({
    prompts,
    responsesPerPrompt,
    comparisons: votes + moreVotes,
    annotators: study,
    seed,
  });
  return { ...all, first: all.comparisons.slice(0, votes), later: all.comparisons.slice(votes) };
};

interface Imported {
  readonly rows: number;
  readonly annotators: number;
  readonly goldAgreement: number;
}

export const importStep: Step<Imported> = {
  name: 'import',
  title: 'Simulate what people say about answers of a support desk, and import it.',
  async work(quick) {
    const { first, goldAgreement } = simulated(quick);
    await writeJudgements(quick.at(files.votes), first);
    const { rows } = await importFile(quick, 'votes', files.votes);
    return {
      found: { rows, annotators: study.count, goldAgreement },
      text: `${count(rows)} comparisons by ${study.count} annotators who make mistakes. They agree with the true quality in
${percent(goldAgreement)}, which is the most that any reward model can reach on their judgements.`,
    };
  },
};

interface Gates {
  readonly snapshot: string;
  readonly passed: number;
  readonly warnings: readonly { readonly gate: string; readonly reason: string }[];
  readonly blocking: readonly string[];
  /** The least able annotator, by agreement with what the others say of the same pairs. */
  readonly leastAble: { readonly annotator: string; readonly ability: number; readonly votes: number };
}

export const gatesStep: Step<Gates> = {
  name: 'gates',
  title: 'Fix them as a snapshot, ask the quality gates, and look at who judged.',
  async work(quick) {
    const { project } = quick;
    const engineer = quick.as('engineer');
    const { id } = await engineer.call('createSnapshot', {
      params: { project },
      body: { datasets: ['votes'], tag: 'first' },
    });
    const { gates, blocking } = await engineer.call('getGates', { params: { project, snapshot: id } });
    const { study: people } = studyAnnotators(simulated(quick).first, { resamples: 200, seed: quick.seed });
    const [worst] = people.models[0]!.annotators;
    const leastAble = { annotator: worst!.annotator, ability: abilityOf(worst!), votes: worst!.votes };
    const warnings = gates
      .filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')
      .map(({ name: gate, reason }) => ({ gate, reason }));
    const passed = gates.filter(({ verdict }) => verdict === 'pass').length;
    return {
      found: {
        snapshot: id,
        passed,
        warnings,
        blocking: [...blocking],
        leastAble,
      },
      text: `${plural(passed, 'gate')} passed, ${plural(warnings.length, 'warning')}${warnings.map(({ gate }) => `\n  ${gate}`).join('')}
${leastAble.annotator} is right in about ${percent(leastAble.ability)} of ${count(leastAble.votes)} votes, and a coin in 50 %: what that one says later is left out.
\`plaudit data annotators ${quick.at(files.votes)}\` says it of everybody.`,
    };
  },
};

interface MoreFeedback {
  readonly snapshot: string;
  readonly added: number;
  readonly unchanged: number;
}

export const moreStep: Step<MoreFeedback> = {
  name: 'more feedback',
  title: 'More judgements arrive: a second snapshot, and what is new in it.',
  async work(quick) {
    const { project } = quick;
    const engineer = quick.as('engineer');
    const { snapshot: first, leastAble } = quick.found(gatesStep);
    const trusted = simulated(quick).later.filter(
      ({ provenance }) => provenance.annotator !== leastAble.annotator,
    );
    await writeJudgements(quick.at(files.more), trusted);
    await importFile(quick, 'votes', files.more);
    const { id } = await engineer.call('createSnapshot', {
      params: { project },
      body: { datasets: ['votes'], parent: first, tag: 'second' },
    });
    await engineer.call('getGates', { params: { project, snapshot: id } });
    const { counts, unchanged } = await engineer.call('diffSnapshots', {
      params: { project, snapshot: first, to: id },
    });
    return {
      found: { snapshot: id, added: counts.added, unchanged },
      text: `${count(counts.added)} rows more than in the first snapshot, and ${count(unchanged)} that are in both.`,
    };
  },
};

/**
 * The first judgements with every winner and loser swapped: what a slip in a script makes of good data.
 *
 * @returns The id of their snapshot
 */
export const flippedSnapshot = async (quick: Quickstart): Promise<string> => {
  const flipped = simulated(quick).first.map((row) => ({
    ...row,
    outcome: row.outcome === 'a' ? ('b' as const) : ('a' as const),
  }));
  await writeJudgements(quick.at(files.flipped), flipped);
  await importFile(quick, 'bad-labels', files.flipped);
  const { id } = await quick.as('engineer').call('createSnapshot', {
    params: { project: quick.project },
    body: { datasets: ['bad-labels'], tag: 'bad-labels' },
  });
  return id;
};
