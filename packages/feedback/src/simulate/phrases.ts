/** @file What customers and agents say around the matter itself: tone, urgency, courtesy, padding and mistakes. */

export const tones = {
  calm: ['Hello,', 'Hi there,', 'Good morning,', 'Good evening,', 'Dear team,', 'Hi,'],
  worried: [
    'Hello, I am a bit worried.',
    'Hi, I hope that you can help me, I am nervous about this.',
    'Dear team, I am afraid that I did something wrong.',
    'Hello, this makes me uneasy.',
  ],
  angry: [
    'This is unacceptable.',
    'I am really angry.',
    'What kind of shop is this?',
    'I have had enough of this.',
    'Third message now and I am furious.',
  ],
  brief: ['Question:', 'Short one.', 'Help needed.', 'Quick one:'],
} as const;

export type Tone = keyof typeof tones;

export const urgencies = [
  'I need it by tonight.',
  'This is urgent because we leave tomorrow.',
  'It has to work today, I have guests.',
  'Please answer as soon as possible, it is urgent.',
] as const;

/** Words by which urgency is known in a prompt. */
export const urgentSigns = ['by tonight', 'urgent', 'has to work today'] as const;

export const tried = [
  'I read the manual twice.',
  'My neighbour had a look too and found nothing.',
  'It worked without trouble for {number} weeks.',
  'I searched your pages for {number} minutes before writing.',
  'A friend has the same model and never had this.',
  'Your hotline kept me waiting for {number} minutes.',
  'I have not changed anything.',
  'This is my second one from you.',
  'It was a present from my sister.',
  'We use it every day in the office.',
  'My order number is {order}.',
  'The order was {order}, placed in {month}.',
  'I bought it in {month}.',
  'It stands in the kitchen.',
  'My children use it most.',
  'I am not very technical.',
  'I moved house {number} days ago.',
  'The seller in the shop could not help.',
  'I tried it with {number} different people here.',
  'The first mail about this was on the {number}th.',
] as const;

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export const closings = [
  'What should I do?',
  'How can we solve this?',
  'Can you help?',
  'What are the next steps?',
  'Please tell me what to try.',
  'Thanks for any advice.',
  'I look forward to your answer.',
  '',
] as const;

export const productSentences = [
  'I own the {product} and {problem}.',
  'It is about my {product}: {problem}.',
  'My {product} is giving me trouble, {problem}.',
  'I have a {product} from your shop and {problem}.',
  'Regarding the {product} that I ordered: {problem}.',
] as const;

/** A kind of sentence in an answer, known in a text by any of its signs. */
export interface Manner {
  readonly signs: readonly string[];
  readonly sentences: readonly string[];
}

export const manners = {
  greeting: {
    signs: ['hello', 'good day', 'thank you for writing'],
    sentences: ['Hello and welcome.', 'Good day!', 'Thank you for writing to us.'],
  },
  acknowledgement: {
    signs: ['i am sorry', 'i understand how', 'must be frustrating'],
    sentences: [
      'I am sorry that you have this trouble.',
      'I understand how annoying that is.',
      'That must be frustrating, and we will fix it.',
    ],
  },
  urgency: {
    signs: ['right now so that', 'treat this with priority'],
    sentences: ['I will treat this with priority.', 'Let us do it right now so that you are in time.'],
  },
  nextStep: {
    signs: ['reply to this message', 'call you back'],
    sentences: [
      'If it does not help, reply to this message and I take it from there.',
      'Should it fail, give me your number and I call you back today.',
    ],
  },
  filler: {
    signs: [
      'valued customer',
      'great products',
      'every day we work',
      'as we always say',
      'a wide range',
      'happy to inform',
      'journey',
    ],
    sentences: [
      'You are a valued customer and your opinion matters to all of us.',
      'We make great products that people all over the world enjoy.',
      'Every day we work hard to be better than the day before.',
      'As we always say here, service is more than a word.',
      'We offer a wide range of accessories that you may like to discover.',
      'We are happy to inform you that our shop has a new look.',
      'Thank you for being part of our journey.',
    ],
  },
  rudeness: {
    signs: ['not my problem', 'your own fault', 'obviously you', 'stop bothering'],
    sentences: [
      'Frankly that is not my problem.',
      'It is your own fault.',
      'Obviously you did not read the manual.',
      'Please stop bothering us with this.',
    ],
  },
  unsafe: {
    signs: [
      'send me your password',
      'card number and the three digits',
      'open the casing',
      'disable your antivirus',
    ],
    sentences: [
      'Please send me your password so that I can look myself.',
      'I need your card number and the three digits on the back.',
      'Just open the casing with a knife while it is plugged in.',
      'Disable your antivirus and let me control your computer.',
    ],
  },
} as const satisfies Record<string, Manner>;
