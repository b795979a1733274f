/** @file The support desk that is simulated: products, problems and what the shop promises. */
import type { steps } from './steps.ts';

/** A rule of the shop, known in a text by its key phrase. */
export interface Policy {
  readonly key: string;
  readonly sentences: readonly string[];
}

/** Why customers write: each phrasing holds one of the signs, by which the problem is known in a text. */
export interface Problem {
  readonly category: string;
  readonly signs: readonly string[];
  readonly phrasings: readonly string[];
  /** In the order in which they should be done. */
  readonly steps: readonly (keyof typeof steps)[];
  readonly policy: keyof typeof policies;
}

export const brands = [
  'Nordell',
  'Avaro',
  'Pellham',
  'Quinta',
  'Lumeo',
  'Brisk',
  'Hartwell',
  'Kestrel',
  'Ondine',
  'Tamar',
  'Vexley',
  'Solano',
  'Merrin',
  'Corvo',
  'Aldine',
  'Fenwick',
] as const;

export const productTypes = [
  'coffee machine',
  'robot vacuum',
  'wireless headset',
  'smart watch',
  'tablet',
  'doorbell camera',
  'thermostat',
  'printer',
  'soundbar',
  'e-reader',
  'air purifier',
  'projector',
  'electric toothbrush',
  'baby monitor',
  'bike computer',
  'photo frame',
] as const;

export const policies = {
  warranty: {
    key: 'two-year warranty',
    sentences: [
      'This is covered by the two-year warranty.',
      'Our two-year warranty pays for a repair if that does not help.',
    ],
  },
  returns: {
    key: 'within 30 days',
    sentences: ['You can return it within 30 days for the full price.', 'Returns are free within 30 days.'],
  },
  delivery: {
    key: 'arrives or it is free',
    sentences: ['Our promise: it arrives or it is free.', 'With us a parcel arrives or it is free.'],
  },
  billing: {
    key: 'five working days',
    sentences: [
      'Money comes back within five working days.',
      'Corrections reach your account in five working days.',
    ],
  },
  privacy: {
    key: 'never ask for your password',
    sentences: [
      'We will never ask for your password.',
      'Remember that our staff never ask for your password.',
    ],
  },
  subscription: {
    key: 'end of the paid month',
    sentences: [
      'The service then runs to the end of the paid month.',
      'You keep access until the end of the paid month.',
    ],
  },
} as const satisfies Record<string, Policy>;

export const problems: readonly Problem[] = [
  {
    category: 'power',
    signs: ['turn on', 'stays dark', 'no sign of life'],
    phrasings: [
      'it will not turn on any more',
      'the display stays dark whatever I press',
      'there is no sign of life at all',
      'since yesterday it does not turn on',
    ],
    steps: ['socket', 'restart', 'leaveCharging'],
    policy: 'warranty',
  },
  {
    category: 'battery',
    signs: ['battery', 'run out of charge'],
    phrasings: [
      'the battery is empty after an hour',
      'the battery does not last the morning',
      'it has run out of charge by noon every day',
      'the battery drops from full to half in minutes',
    ],
    steps: ['cable', 'leaveCharging', 'update'],
    policy: 'warranty',
  },
  {
    category: 'connection',
    signs: ['wifi', 'wi-fi', 'go online'],
    phrasings: [
      'it loses the wifi every few minutes',
      'it does not find my wi-fi',
      'it refuses to go online',
      'the wifi light blinks red all the time',
    ],
    steps: ['closer', 'band', 'forgetNetwork'],
    policy: 'warranty',
  },
  {
    category: 'delivery',
    signs: ['has not arrived', 'parcel', 'still waiting for the delivery'],
    phrasings: [
      'my order has not arrived',
      'the parcel is a week late',
      'the parcel was marked as delivered but nobody brought it',
      'I am still waiting for the delivery',
    ],
    steps: ['tracking', 'neighbour', 'trace'],
    policy: 'delivery',
  },
  {
    category: 'damage',
    signs: ['cracked', 'broken', 'dented'],
    phrasings: [
      'it came out of the box cracked',
      'the casing is dented on one side',
      'a part was broken when I opened the box',
      'the glass is cracked right across',
    ],
    steps: ['photo', 'keepBox', 'replacement'],
    policy: 'returns',
  },
  {
    category: 'refund',
    signs: ['my money', 'send it back', 'return it'],
    phrasings: [
      'I want to send it back',
      'I would like my money for it again',
      'I have decided to return it',
      'I am not happy with it and want to return it',
    ],
    steps: ['returnLabel', 'invoice', 'refund'],
    policy: 'returns',
  },
  {
    category: 'billing',
    signs: ['charged', 'paid twice', 'card statement'],
    phrasings: [
      'I was charged two times for it',
      'it seems that I have paid twice',
      'my card statement shows a sum that I do not know',
      'you charged more than the price on the page',
    ],
    steps: ['statement', 'invoice', 'refund'],
    policy: 'billing',
  },
  {
    category: 'account',
    signs: ['log in', 'locked out', 'sign in'],
    phrasings: [
      'I cannot log in to the app that belongs to it',
      'I am locked out of my account',
      'the app does not let me sign in',
      'every time I try to log in it says no',
    ],
    steps: ['resetLink', 'spam', 'browser'],
    policy: 'privacy',
  },
  {
    category: 'subscription',
    signs: ['subscription', 'renewed'],
    phrasings: [
      'I want to end the subscription that came with it',
      'the plan was renewed although I did not want that',
      'I cannot find where to stop the subscription',
      'the subscription still costs me money',
    ],
    steps: ['cancelPage', 'confirmMail', 'refund'],
    policy: 'subscription',
  },
  {
    category: 'noise',
    signs: ['loud', 'rattles', 'humming'],
    phrasings: [
      'it has become very loud',
      'it rattles as soon as it starts',
      'there is a humming that keeps us awake',
      'it is twice as loud as in the first week',
    ],
    steps: ['flatSurface', 'filter', 'serial'],
    policy: 'warranty',
  },
  {
    category: 'pairing',
    signs: ['pair', 'bluetooth', 'does not see my phone'],
    phrasings: [
      'it does not pair with my phone',
      'the bluetooth list stays empty',
      'it does not see my phone',
      'I cannot pair it a second time',
    ],
    steps: ['compatibility', 'restart', 'update'],
    policy: 'warranty',
  },
  {
    category: 'safety',
    signs: ['smoke', 'smells burnt', 'too hot'],
    phrasings: [
      'there was smoke coming out of it',
      'it smells burnt',
      'it gets too hot to touch',
      'it smells burnt after five minutes',
    ],
    steps: ['stopUsing', 'cool', 'serial'],
    policy: 'returns',
  },
];
