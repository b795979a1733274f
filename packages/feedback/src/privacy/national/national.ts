/** @file Every recogniser of a national identifier, and the countries that have one. */
import type { Recogniser } from '../recogniser.ts';
import { asia } from './asia.ts';
import { britainAndIreland } from './britain-and-ireland.ts';
import { easternEurope } from './eastern-europe.ts';
import { nordic } from './nordic.ts';
import { northAmerica } from './north-america.ts';
import { oceaniaAndAfrica } from './oceania-and-africa.ts';
import { southAmerica } from './south-america.ts';
import { southernEurope } from './southern-europe.ts';
import { westernEurope } from './western-europe.ts';

export const nationalRecognisers: readonly Recogniser[] = [
  ...northAmerica,
  ...southAmerica,
  ...britainAndIreland,
  ...westernEurope,
  ...southernEurope,
  ...easternEurope,
  ...nordic,
  ...asia,
  ...oceaniaAndAfrica,
];
