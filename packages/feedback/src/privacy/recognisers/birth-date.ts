/** @file Dates of birth: a date of a living person's years right after a word that says so. */
import { listed } from '../context.ts';
import type { Recogniser } from '../recogniser.ts';

const months = listed(`
  january, february, march, april, may, june, july, august, september, october, november, december,
  jan, feb, mar, apr, jun, jul, aug, sept, sep, oct, nov, dec, januar, februar, märz, mai, juni, juli,
  oktober, dezember, enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre,
  noviembre, diciembre, janvier, février, mars, avril, juin, juillet, août, septembre, octobre,
  novembre, décembre, gennaio, febbraio, aprile, maggio, giugno, luglio, settembre, ottobre, dicembre,
  janeiro, fevereiro, março, maio, junho, julho, setembro, outubro, novembro, dezembro, januari,
  februari, maart, april, mei, augustus, december, stycznia, lutego, marca, kwietnia, maja, czerwca,
  lipca, sierpnia, września, października, listopada, grudnia
`).sort((a, b) => b.length - a.length);

const [day, month, year] = ['(?:0?[1-9]|[12]\\d|3[01])', '(?:0?[1-9]|1[0-2])', '(?:19|20)\\d\\d'];
const name = `(?:${months.join('|')})`;
const forms = [
  // 1984-03-07, 7.3.1984, 03/07/84
  `${year}([-./])${month}\\1${day}`,
  `${day}([-./])${day}\\1(?:${year}|\\d\\d)`,
  `${day}\\. ?${month}\\. ?${year}`,
  // 7 March 1984, 7. März 1984, 7 de marzo de 1984, March 7, 1984
  `${day}(?:st|nd|rd|th|er|º|\\.)?(?: of)?(?: de)? ${name}\\.?,?(?: de| del)? ${year}`,
  `${name}\\.? ${day}(?:st|nd|rd|th)?,? ${year}`,
  `${year} ?年 ?${month} ?月 ?${day} ?日`,
  `${year} ?년 ?${month} ?월 ?${day} ?일`,
];

export const birthDateRecogniser: Recogniser = {
  name: 'birth-date',
  version: '1',
  type: 'BIRTH_DATE',
  // A year of four digits, or day, month and two digits of the year.
  mayOccur: ({ digits }) => digits >= 4,
  patterns: forms.map((form) => ({
    regex: new RegExp(
      `(?<![\\p{Script=Latin}\\d]|\\d[-./])${form}(?![\\p{Script=Latin}\\d]|[-./]\\d)`,
      'giu',
    ),
    score: 0.25,
  })),
  reach: 28,
  context: listed(`
    born, birth, birthday, birthdate, dob, d.o.b, date of birth, geboren, geburtsdatum, geb,
    geburtstag, né le, née le, naissance, nacido, nacida, nací, nacimiento, nascido, nascida,
    nascimento, nasci, nato il, nata il, nato, nata, nascita, geboortedatum, urodzony, urodzona,
    urodzenia, urodziłem, urodziłam, född, födelsedatum, syntynyt, syntymäaika, født, fødselsdato,
    doğum, родился, родилась, дата рождения, 生日, 出生, 生年月日, 生まれ, 생년월일, 출생, 태어
  `),
  against: listed(`
    joined, since, due, expires, expiry, signed, started, hired, died, married, until, on file, seit,
    gültig, gestorben, verheiratet, desde, murió, vence, depuis, expire, décédé, valid, dal, scade,
    sinds, sedan, od dnia, ważny, released, founded, appointment, order, invoice, published, issued,
    updated, erscheint, veröffentlicht, publié, publicado
  `),
};
