import { describe, expect, it } from 'vitest';
import { judgementsFromSignals, type SignalJudgements } from './judgements.ts';
import type { Impression, SignalEvent } from './log.ts';
import { defaultSignalRules, type SignalRules } from './rules.ts';
import { did, shown } from './testing.ts';

const made = (
  impressions: readonly Impression[],
  events: readonly SignalEvent[],
  rules: Partial<SignalRules> = {},
): SignalJudgements =>
  judgementsFromSignals(
    { impressions, events },
    { source: 'log', rules: { ...defaultSignalRules, ...rules } },
  );
const said = ({ judgements }: SignalJudgements): unknown[] =>
  judgements.map(({ rule, judgement: { provenance: _, prompt: __, ...rest } }) => [rule, rest]);
const leftOut = ({ rules }: SignalJudgements): unknown[] =>
  rules.flatMap(({ rule, leftOut: reasons }) => Object.entries(reasons).map((reason) => [rule, ...reason]));
const label = (desirable: boolean, criterion?: string) => ({
  kind: 'label',
  response: 'x',
  desirable,
  ...(criterion !== undefined && { criterion }),
});

describe('judgements from signals', () => {
  it('are what the default rules say of each signal, and nothing of silence', () => {
    const found = made(
      ['up', 'down', 'copy', 'edit', 'complaint', 'done', 'failed', 'tests', 'silent', 'closed'].map((id) =>
        shown(id),
      ),
      [
        did('up', { signal: 'thumb', up: true }),
        did('down', { signal: 'thumb', up: false }),
        did('copy', { signal: 'dwell', seconds: 3 }),
        did('copy', { signal: 'copy' }),
        did('edit', { signal: 'edit', text: 'x and much more than that' }),
        did('complaint', { signal: 'complaint' }),
        did('done', { signal: 'task', completed: true }),
        did('failed', { signal: 'task', completed: false }),
        did('tests', { signal: 'tests', passed: false }),
        did('closed', { signal: 'dwell', seconds: 1 }),
      ],
      { rules: defaultSignalRules.rules.map((rule) => ({ ...rule, maxChange: 1 })) },
    );
    expect(said(found)).toEqual([
      ['thumb', label(true)],
      ['thumb', label(false)],
      ['edited', { kind: 'edit', response: 'x', rewrite: 'x and much more than that' }],
      ['copied', label(true)],
      ['complained', label(false)],
      ['task-completed', label(true, 'task completed')],
      ['task-completed', label(false, 'task completed')],
      ['tests-passed', label(false, 'tests passed')],
    ]);
    expect(found).toMatchObject({ impressions: 10, silent: 2 });
  });

  it('say that they are implicit, of whom, where, and how probable they were', () => {
    const [one] = made(
      [
        shown('i', { probability: 0.5, language: 'en', consent: 'terms-2', segments: { task: 'code' } }),
        shown('j'),
      ],
      [did('i', { signal: 'thumb', up: true })],
      { propensity: { by: [], clip: 0.05, prior: 0 } },
    ).judgements;
    expect(one!.judgement.provenance).toEqual({
      source: 'log',
      annotator: 'u',
      annotatorKind: 'implicit',
      time: '1970-01-01T00:00:10.000Z',
      // Shown with probability a half, and one impression of two was signalled.
      selectionProbability: 0.25,
      language: 'en',
      segments: { task: 'code', signal: 'thumb', surface: 'chat', policy: 'm@1', consent: 'terms-2' },
    });
  });

  it('prefer a response that was asked for instead only when it was kept', () => {
    const pair = (id: string, next: Partial<Impression> = {}): Impression[] => [
      shown(id),
      shown(`${id}2`, { responses: ['y'], ...next }),
    ];
    const again = (id: string): SignalEvent[] => [
      did(id, { signal: 'regenerate', next: `${id}2` }),
      did(`${id}2`, { signal: 'dwell', seconds: 9 }),
    ];
    const found = made(
      [
        ...pair('kept'),
        ...pair('hasty'),
        ...pair('again'),
        ...pair('disliked'),
        ...pair('same', { responses: ['x'] }),
        ...pair('other', { prompt: [{ role: 'user', content: 'q' }] }),
        shown('lost'),
      ],
      [
        ...again('kept'),
        did('hasty', { signal: 'regenerate', next: 'hasty2' }),
        did('hasty2', { signal: 'dwell', seconds: 4 }),
        ...again('again'),
        did('again2', { signal: 'regenerate', next: 'nowhere' }),
        ...again('disliked'),
        did('disliked2', { signal: 'complaint' }),
        ...again('same'),
        ...again('other'),
        did('lost', { signal: 'regenerate', next: 'lost' }),
      ],
    );
    expect(said(found).filter((one) => (one as string[])[0] === 'regenerated-and-kept')).toEqual([
      ['regenerated-and-kept', { kind: 'comparison', responses: ['x', 'y'], outcome: 'b' }],
    ]);
    expect(found.judgements[0]!.judgement.provenance.shownFirst).toBe(0);
    expect(Object.fromEntries(leftOut(found).map((one) => (one as string[]).slice(1)))).toEqual({
      short_dwell: 1,
      not_kept: 2,
      same_text: 1,
      other_prompt: 1,
      unknown_next: 2,
    });
  });

  it('leave out taste, rewrites of everything, taken-back thumbs and what could not be signalled', () => {
    const text =
      'The boat leaves from the second quay at nine in the morning and comes back at noon every day.';
    const found = made(
      [
        shown('taste', { responses: [text] }),
        shown('anew', { responses: [text] }),
        shown('good', { responses: [text] }),
        shown('toggled'),
        shown('hidden', { controls: ['copy'] }),
      ],
      [
        did('taste', { signal: 'edit', text: text.replace('.', '!') }),
        did('anew', { signal: 'edit', text: 'Ask somebody else, I do not know at all what you want of me.' }),
        did('good', { signal: 'edit', text: text.replace('nine', 'half past ten') }),
        did('good', { signal: 'edit', text }, 5),
        did('toggled', { signal: 'thumb', up: false }, 12),
        did('toggled', { signal: 'thumb', up: true }, 11),
        did('hidden', { signal: 'thumb', up: true }),
        did('hidden', { signal: 'copy' }),
      ],
    );
    expect(said(found)).toEqual([
      ['thumb', label(false)],
      ['edited', { kind: 'edit', response: text, rewrite: text.replace('nine', 'half past ten') }],
    ]);
    expect(leftOut(found)).toEqual([
      ['thumb', 'no_control', 1],
      ['thumb', 'overruled', 1],
      ['edited', 'overruled', 1],
      ['edited', 'small_change', 1],
      ['edited', 'large_change', 1],
      ['copied', 'short_dwell', 1],
    ]);
  });

  it('need consent where the rules ask for it', () => {
    const impressions = [shown('yes', { consent: 'terms-2' }), shown('no')];
    const events = impressions.map(({ id }) => did(id, { signal: 'thumb', up: true }));
    const found = made(impressions, events, { requireConsent: true });
    expect(found.judgements.map(({ impression }) => impression)).toEqual(['yes']);
    expect(leftOut(found)).toEqual([['thumb', 'no_consent', 1]]);
  });

  it('take the measured weight of a rule once enough pairs were compared', () => {
    const log = { impressions: [shown('i')], events: [did('i', { signal: 'thumb', up: true })] };
    const calibration = (pairs: number) => [
      {
        rule: 'thumb',
        pairs,
        agreed: 0,
        undecided: 0,
        agreement: 0.8,
        interval: [0.7, 0.9] as [number, number],
        weight: 0.4,
      },
    ];
    const weight = (pairs: number) =>
      judgementsFromSignals(log, { source: 'log', calibration: calibration(pairs) }).rules[0];
    expect(weight(29)).toMatchObject({ weight: 0.5, weightSource: 'stated' });
    expect(weight(30)).toMatchObject({ weight: 0.4, weightSource: 'calibrated' });
  });
});
