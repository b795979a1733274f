/** @file Every recogniser that comes with Plaudit. */
import { nationalRecognisers } from '../national/national.ts';
import type { Recogniser } from '../recogniser.ts';
import { birthDateRecogniser } from './birth-date.ts';
import { cardRecogniser } from './card.ts';
import { cryptoAddressRecogniser } from './crypto-address.ts';
import { emailRecogniser } from './email.ts';
import { ibanRecogniser } from './iban.ts';
import { ipRecogniser, macRecogniser } from './network.ts';
import { type NumberingPlan, phoneRecogniser } from './phone.ts';
import { secretAssignmentRecogniser } from './secret-assignment.ts';
import { secretRecognisers } from './secrets.ts';
import { urlRecogniser } from './url.ts';

/** @param plans Of the countries in whose national formats telephone numbers are read */
export const builtInRecognisers = (plans: readonly NumberingPlan[]): readonly Recogniser[] => [
  emailRecogniser,
  phoneRecogniser(plans),
  cardRecogniser,
  ibanRecogniser,
  ...nationalRecognisers,
  ipRecogniser,
  macRecogniser,
  urlRecogniser,
  ...secretRecognisers,
  secretAssignmentRecogniser,
  cryptoAddressRecogniser,
  birthDateRecogniser,
];
