/** @file Personal data in feedback: looked for before a text is stored, and marked or replaced as the project says. */
import type { Judgement, Prompt } from '@plaudit/contract';
import { type MasterKey, projectKey } from '@plaudit/feedback';
import type { Store } from '@plaudit/store';
import type { ProjectSettings } from '../accounts/project-settings.ts';
import type { Scrubber } from './scrubber.ts';

export interface PrivacyServices {
  readonly scrubber: Pick<Scrubber, 'ask'>;
  readonly masterKey: () => MasterKey;
  /** Of a project. */
  readonly settings: (store: Store) => Promise<ProjectSettings>;
}

/** What goes into the store, and what was found on the way. */
export interface Cleaned<Texts> {
  readonly texts: Texts;
  readonly subjects: readonly string[];
  /** Findings by entity type; empty where nothing was found or looked for. */
  readonly found: Readonly<Record<string, number>>;
}

/** The privacy of one request. */
export interface FeedbackPrivacy {
  readonly shown: (shown: {
    readonly prompt: Prompt;
    readonly responses: readonly string[];
  }) => Promise<Cleaned<{ readonly prompt: Prompt; readonly responses: readonly string[] }>>;
  readonly said: <Said extends Judgement>(judgement: Said) => Promise<Cleaned<Said>>;
}

/** The segment of a judgement that names what was found in its texts, where it stays there. */
const mark = 'personal_data';

/** As the project says; where it says nothing, personal data stays and is marked. */
export const feedbackPrivacy = async (
  { scrubber, masterKey, settings }: PrivacyServices,
  store: Store,
): Promise<FeedbackPrivacy> => {
  const { personalData = 'mark' } = await settings(store);
  if (personalData === 'off') {
    const untouched = async <Texts>(texts: Texts): Promise<Cleaned<Texts>> => ({
      ...{ texts, subjects: [], found: {} },
    });
    return { shown: untouched, said: untouched };
  }
  const key = projectKey(masterKey().key, store.project.name);
  const replaces = personalData === 'replace';

  return {
    async shown({ prompt, responses }) {
      // The scrubber reads judgements; one that groups nothing has the texts and says nothing of them.
      const asked: Judgement = {
        ...{ kind: 'ranking', prompt: [...prompt], responses: [...responses] },
        ...{ groups: [], provenance: { source: 'feedback' } },
      };
      const { judgement, subjects, found } = await scrubber.ask({ judgement: asked, projectKey: key });
      const clean = judgement as Extract<Judgement, { kind: 'ranking' }>;
      const texts = replaces ? { prompt: clean.prompt, responses: clean.responses } : { prompt, responses };
      return { texts, subjects, found };
    },

    async said(judgement) {
      const { judgement: clean, subjects, found } = await scrubber.ask({ judgement, projectKey: key });
      if (replaces) return { texts: clean as typeof judgement, subjects, found };
      const types = Object.keys(found).sort();
      const { provenance } = judgement;
      const segments = { ...provenance.segments, [mark]: types.join(', ') };
      const texts =
        types.length === 0 ? judgement : { ...judgement, provenance: { ...provenance, segments } };
      return { texts, subjects, found };
    },
  };
};
