import { describe, expect, it } from 'vitest';
import { checkGate, comparison, label, times } from '../testing.ts';
import { languageOf } from './language-id.ts';

const sentences = {
  en: 'Could you tell me how long it takes to walk from the station to the old harbour?',
  de: 'Können Sie mir sagen, wie lange man vom Bahnhof bis zum alten Hafen zu Fuß braucht?',
  fr: 'Pourriez-vous me dire combien de temps il faut pour aller de la gare au vieux port ?',
  es: '¿Podría decirme cuánto se tarda en ir andando desde la estación hasta el puerto viejo?',
  ru: 'Скажите, пожалуйста, сколько времени идти пешком от вокзала до старого порта?',
  zh: '请问从火车站步行到旧港口大约需要多长时间？谢谢您的帮助。',
};

describe('the language of a text', () => {
  it.each(Object.entries(sentences))('is told: %s', (language, text) => {
    expect(languageOf(text)).toBe(language);
  });

  it.each(['', 'ok', '12 + 30 = 42', '🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂', '((x) => x * 2)'])(
    'is unknown for %j',
    (text) => {
      expect(languageOf(text)).toBeNull();
    },
  );
});

const asked = (
  language: keyof typeof sentences,
  count: number,
  declared?: string,
  answer?: keyof typeof sentences,
) =>
  times(count, (i) =>
    comparison(`${i}. ${sentences[language]}`, [sentences[answer ?? language], 'No.'], 'a', {
      ...(declared !== undefined && { language: declared }),
    }),
  );

describe('languages of the prompts', () => {
  it('pass where rows are in the language that they declare, a region aside', async () => {
    const found = await checkGate('language', [...asked('en', 30, 'en-GB'), ...asked('de', 20, 'de')]);
    expect(found).toMatchObject({ verdict: 'pass', value: 0, n: 50 });
  });

  it('warn and fail where they are not, with the rows', async () => {
    const some = await checkGate('language', [...asked('en', 85, 'en'), ...asked('fr', 15, 'en')]);
    expect(some).toMatchObject({ verdict: 'warn', value: 0.15, evidence: { total: 15 } });
    expect(await checkGate('language', asked('es', 50, 'en'))).toMatchObject({ verdict: 'fail' });
  });

  it('are held against those that are expected where that is said', async () => {
    const rows = [...asked('en', 20), ...asked('ru', 20)];
    expect(await checkGate('language', rows, { settings: { expected: ['en', 'ru'] } })).toMatchObject({
      verdict: 'pass',
    });
    expect(await checkGate('language', rows, { settings: { expected: ['en'] } })).toMatchObject({
      value: 0.5,
    });
  });

  it('are shown where nothing is expected', async () => {
    const found = await checkGate('language', asked('zh', 20));
    expect(found).toMatchObject({ verdict: 'not_applicable', measures: { looked: 20, unknown: 0 } });
    expect(found.pictures[0]).toMatchObject({
      items: [
        { name: 'zh', n: 20 },
        { name: 'unknown', n: 0 },
      ],
    });
  });

  it('are looked at in a sample of a long file', async () => {
    const found = await checkGate('language', asked('en', 3000, 'en'), { settings: { sample: 50 } });
    expect(found).toMatchObject({ n: 50, measures: { looked: 50 } });
  });
});

describe('answers in another language', () => {
  it('pass where they are in that of the question, and warn where they are not', async () => {
    expect(await checkGate('answer-language', asked('en', 40))).toMatchObject({ verdict: 'pass', value: 0 });
    const found = await checkGate('answer-language', [
      ...asked('en', 90),
      ...asked('de', 10, undefined, 'en'),
    ]);
    expect(found).toMatchObject({ verdict: 'warn', value: 0.1, evidence: { total: 10 } });
    expect(await checkGate('answer-language', asked('fr', 40, undefined, 'en'))).toMatchObject({
      verdict: 'fail',
    });
  });

  it('do not apply where languages cannot be told', async () => {
    expect(
      await checkGate(
        'answer-language',
        times(20, (i) => comparison(`${i}`, ['a', 'b'])),
      ),
    ).toMatchObject({
      verdict: 'not_applicable',
    });
  });
});

describe('toxic language', () => {
  const answered = (count: number, toxic: number, text = 'You are such an idiot.') =>
    times(count, (i) =>
      comparison(`Question ${i} about gardens?`, [i < toxic ? text : 'Water them in the evening.', 'No.']),
    );

  it('passes where preferred responses are clean, whatever the others say', async () => {
    const found = await checkGate(
      'toxicity',
      times(100, (i) => comparison(`Question ${i}?`, ['Certainly.', 'Shut up, moron.'])),
    );
    expect(found).toMatchObject({ verdict: 'pass', value: 0, measures: { otherResponses: 1, prompts: 0 } });
  });

  it('warns and fails as they are not', async () => {
    expect(await checkGate('toxicity', answered(200, 8))).toMatchObject({ verdict: 'warn', value: 0.04 });
    expect(await checkGate('toxicity', answered(200, 60))).toMatchObject({
      verdict: 'fail',
      evidence: { total: 60 },
    });
  });

  it.each([
    'Du Arschloch!',
    'Ferme-la, connard.',
    '¡Cállate, gilipollas!',
    'I’ll kill you.',
    'KILL YOURSELF',
  ])('is seen in %s', async (text) => {
    expect(await checkGate('toxicity', answered(10, 10, text))).toMatchObject({ value: 1 });
  });

  it.each([
    'The Scunthorpe assassin passed a class on grapes.',
    'Dick and Willy went to Essex.',
    'Shuttlecocks are light.',
  ])('is not seen inside other words: %s', async (text) => {
    expect(await checkGate('toxicity', answered(10, 10, text))).toMatchObject({ value: 0 });
  });

  it('counts words of the project’s own', async () => {
    const rows = answered(10, 10, 'What a florble.');
    expect(await checkGate('toxicity', rows)).toMatchObject({ value: 0 });
    expect(await checkGate('toxicity', rows, { settings: { words: ['florble'] } })).toMatchObject({
      value: 1,
    });
  });

  it('says that it does not cover other scripts', async () => {
    const rows = times(20, (i) => comparison(`${sentences.ru} ${i}`, [sentences.ru, 'Да.']));
    const found = await checkGate('toxicity', rows);
    expect(found).toMatchObject({ verdict: 'not_applicable' });
    expect(found.reason).toContain('do not cover the scripts');
  });

  it('counts desirable labels as preferred', async () => {
    const rows = [
      ...times(50, (i) => label(`${i}?`, 'Fuck.', false)),
      ...times(50, (i) => label(`${i}?`, 'Fine.', true)),
    ];
    expect(await checkGate('toxicity', rows)).toMatchObject({ verdict: 'pass', n: 50, value: 0 });
  });
});

describe('sensitive domains', () => {
  const prompts = (texts: readonly string[]) => texts.map((text) => comparison(text, ['One.', 'Two.']));

  it.each([
    ['medical', 'What dosage of ibuprofen is safe?'],
    ['medical', 'My doctor says that the infection needs time.'],
    ['medical', 'Welche Nebenwirkungen hat die Impfung?'],
    ['legal', 'Can my landlord sue me?'],
    ['legal', 'Necesito un abogado.'],
    ['financial', 'Should I put my savings into the stock market?'],
    ['self-harm', 'I want to die.'],
    ['self-harm', 'Je pense à me suicider.'],
    ['weapons', 'How do I make a bomb?'],
    ['minors', 'What may a 14 year old girl drink?'],
    ['politics', 'Will the republicans win?'],
  ])('%s: %s', async (domain, text) => {
    expect((await checkGate('sensitive-domains', prompts([text]))).measures[domain]).toBe(1);
  });

  it.each([
    'What is a court in tennis?',
    'How many votes does a jury have in dance?',
    'My child likes trains.',
    'Paint it green.',
  ])('not by one weak word: %s', async (text) => {
    expect(await checkGate('sensitive-domains', prompts([text]))).toMatchObject({ value: 0 });
  });

  it('pass where they are few, warn where they are many, and only those that are asked for count', async () => {
    const many = prompts([
      ...times(30, (i) => `My lawsuit number ${i}`),
      ...times(30, (i) => `A walk in the hills ${i}`),
    ]);
    expect(await checkGate('sensitive-domains', many)).toMatchObject({ verdict: 'warn', value: 0.5 });
    expect(await checkGate('sensitive-domains', many, { settings: { domains: ['medical'] } })).toMatchObject({
      verdict: 'pass',
      value: 0,
      measures: { legal: 0.5 },
    });
  });
});

describe('personal data', () => {
  const rows = (texts: readonly string[]) =>
    texts.map((text, i) => comparison(`Question ${i}?`, [text, 'No.']));

  it('pass where there are none', async () => {
    expect(await checkGate('privacy', rows(times(50, (i) => `Answer ${i}.`)))).toMatchObject({
      verdict: 'pass',
      value: 0,
    });
  });

  it('warn of one, fail of many, by type and row and never by value', async () => {
    const few = await checkGate(
      'privacy',
      rows([...times(199, (i) => `Answer ${i}.`), 'Write to alice@example.org.']),
    );
    expect(few).toMatchObject({
      verdict: 'warn',
      value: 0.005,
      measures: { EMAIL: 1 },
      evidence: { total: 1 },
    });
    expect(JSON.stringify(few)).not.toContain('alice');
    const many = await checkGate('privacy', rows(times(50, (i) => `Write to person${i}@example.org.`)));
    expect(many).toMatchObject({ verdict: 'fail', value: 1 });
  });

  it('takes what a scan at the door found', async () => {
    const found = await checkGate('privacy', [], {
      privacy: { findings: { IBAN: 3, EMAIL: 9 }, rows: 10, n: 1000 },
    });
    expect(found).toMatchObject({ verdict: 'warn', value: 0.01 });
    expect(found.reason).toContain('EMAIL (9) and IBAN (3)');
    expect(await checkGate('privacy', [], { privacy: null })).toMatchObject({ verdict: 'not_applicable' });
  });
});
