/** @file All gates, in the order in which a report lists them. */
import { lengthBias } from './bias/length-bias.ts';
import { positionBias } from './bias/position-bias.ts';
import { styleBias } from './bias/style-bias.ts';
import { contradictions, selfDisagreement } from './consistency/contradictions.ts';
import { labelNoise } from './consistency/label-noise.ts';
import { preferenceCycles } from './consistency/preference-cycles.ts';
import { answerLanguage, language } from './content/language.ts';
import { privacy } from './content/privacy.ts';
import { sensitiveDomains, toxicity } from './content/word-gates.ts';
import { contamination } from './duplication/contamination.ts';
import { duplicateRows } from './duplication/duplicate-rows.ts';
import { leakage } from './duplication/leakage.ts';
import { nearDuplicatePrompts } from './duplication/near-duplicate-prompts.ts';
import { agreement } from './people/agreement.ts';
import { coverage, targetShares } from './people/coverage.ts';
import { fairness } from './people/fairness.ts';
import { dominantAnnotator, oneSidedOutcomes } from './rows/outcomes.ts';
import { size } from './rows/size.ts';
import { emptyTexts, longTexts } from './rows/texts.ts';

/** Near-duplicates go before leakage, which adds the held-out prompts to the same index. */
export const gates = [
  size,
  emptyTexts,
  longTexts,
  oneSidedOutcomes,
  dominantAnnotator,
  contradictions,
  selfDisagreement,
  preferenceCycles,
  labelNoise,
  duplicateRows,
  nearDuplicatePrompts,
  leakage,
  contamination,
  lengthBias,
  positionBias,
  styleBias,
  agreement,
  fairness,
  coverage,
  targetShares,
  language,
  answerLanguage,
  toxicity,
  sensitiveDomains,
  privacy,
] as const;
