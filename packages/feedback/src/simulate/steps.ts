/** @file The steps that solve a customer's problem, each known in a text by its key phrase. */

/** Something that an answer can tell the customer to do. It is known in a text by its key phrase. */
export interface Step {
  readonly key: string;
  readonly sentences: readonly string[];
}

export const steps = {
  restart: {
    key: 'power button for ten seconds',
    sentences: [
      'Please hold the power button for ten seconds until the light goes out, then switch it on again.',
      'Start it afresh: press the power button for ten seconds and wait a moment.',
    ],
  },
  socket: {
    key: 'another wall socket',
    sentences: [
      'Try another wall socket, without an extension lead.',
      'Plug the charger straight into another wall socket to rule out the outlet.',
    ],
  },
  cable: {
    key: 'charging contacts',
    sentences: [
      'Wipe the charging contacts with a dry cloth.',
      'Dust on the charging contacts is a common cause, so clean them gently.',
    ],
  },
  leaveCharging: {
    key: 'charge for two hours',
    sentences: [
      'Leave it on charge for two hours before you try again.',
      'An empty battery must charge for two hours before the screen wakes up.',
    ],
  },
  update: {
    key: 'latest firmware',
    sentences: [
      'Install the latest firmware from the settings page.',
      'Open the app and let it fetch the latest firmware.',
    ],
  },
  forgetNetwork: {
    key: 'forget the network',
    sentences: [
      'In the settings, forget the network and join it again.',
      'Tell the device to forget the network, then enter it afresh.',
    ],
  },
  band: {
    key: '2.4 GHz band',
    sentences: [
      'Make sure that your router offers the 2.4 GHz band, which this model needs.',
      'Switch the router to the 2.4 GHz band while you pair.',
    ],
  },
  closer: {
    key: 'within two metres of the router',
    sentences: [
      'Move it within two metres of the router for the first connection.',
      'For pairing it should stand within two metres of the router.',
    ],
  },
  tracking: {
    key: 'tracking page',
    sentences: [
      'Open the tracking page from your confirmation mail to see where the parcel was last scanned.',
      'The tracking page shows the depot that holds your parcel now.',
    ],
  },
  neighbour: {
    key: 'safe place',
    sentences: [
      'Carriers sometimes leave a parcel in a safe place or next door, so please have a look there.',
      'Please check the safe place that you named when you ordered.',
    ],
  },
  trace: {
    key: 'open a trace',
    sentences: [
      'I will open a trace with the carrier, which takes two working days.',
      'If it has not come by tomorrow we open a trace with the carrier.',
    ],
  },
  photo: {
    key: 'photo of the damage',
    sentences: [
      'Please reply with a photo of the damage and of the outer box.',
      'Send us a photo of the damage, so that we can claim it from the carrier.',
    ],
  },
  keepBox: {
    key: 'keep the packaging',
    sentences: [
      'Please keep the packaging until the case is closed.',
      'Do us a favour and keep the packaging for the carrier.',
    ],
  },
  replacement: {
    key: 'replacement order',
    sentences: [
      'I have prepared a replacement order that leaves our warehouse today.',
      'Confirm your address and the replacement order goes out.',
    ],
  },
  returnLabel: {
    key: 'return label',
    sentences: [
      'Print the return label from your account and drop the parcel at any post office.',
      'I have sent a return label to your mail address.',
    ],
  },
  statement: {
    key: 'pending amount',
    sentences: [
      'One of the two entries is a pending amount that your bank releases by itself.',
      'Please look whether the second entry is marked as a pending amount.',
    ],
  },
  invoice: {
    key: 'invoice number',
    sentences: [
      'Send me the invoice number that stands at the top right of the bill.',
      'With the invoice number from the bill I can compare both entries.',
    ],
  },
  refund: {
    key: 'issue the refund',
    sentences: [
      'Once we have it I issue the refund to the card that you used.',
      'Our accounts team will issue the refund to the same card.',
    ],
  },
  resetLink: {
    key: 'forgotten it',
    sentences: [
      'On the sign-in page choose that you have forgotten it and follow the mail that arrives.',
      'Press the line that says you have forgotten it, and a fresh link is on its way.',
    ],
  },
  spam: {
    key: 'junk folder',
    sentences: [
      'Look in the junk folder, since the mail often lands there.',
      'If nothing arrives within five minutes, check the junk folder.',
    ],
  },
  browser: {
    key: 'private window',
    sentences: [
      'Try once more in a private window of your browser.',
      'A private window rules out old cookies.',
    ],
  },
  cancelPage: {
    key: 'subscription page',
    sentences: [
      'Open the subscription page in your account and choose to end it.',
      'The subscription page has a button at the bottom that stops the renewal.',
    ],
  },
  confirmMail: {
    key: 'confirmation by mail',
    sentences: [
      'You will get a confirmation by mail within minutes; please keep it.',
      'Wait for the confirmation by mail, which proves the date.',
    ],
  },
  filter: {
    key: 'rinse the filter',
    sentences: [
      'Take it out and rinse the filter under warm water.',
      'Once a week you should rinse the filter and let it dry.',
    ],
  },
  flatSurface: {
    key: 'level surface',
    sentences: [
      'Stand it on a level surface, a hand away from the wall.',
      'Check that it is on a level surface, because a tilt makes it louder.',
    ],
  },
  compatibility: {
    key: 'compatibility list',
    sentences: [
      'Our compatibility list shows every phone that works with it.',
      'Please compare your phone with the compatibility list on the product page.',
    ],
  },
  cool: {
    key: 'let it cool',
    sentences: [
      'Switch it off, unplug it and let it cool for an hour.',
      'First pull the plug and let it cool in the open.',
    ],
  },
  stopUsing: {
    key: 'stop using it',
    sentences: [
      'Please stop using it until we have checked its batch.',
      'For your safety, stop using it right away.',
    ],
  },
  serial: {
    key: 'serial number',
    sentences: [
      'Tell me the serial number from the label underneath.',
      'The serial number on the base tells us which batch it is from.',
    ],
  },
} as const satisfies Record<string, Step>;
