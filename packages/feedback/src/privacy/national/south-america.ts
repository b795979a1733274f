/** @file National identifiers of Brazil, Chile and Argentina. */
import { digitAt, digitsOf, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

/** The check digit after `count` digits: weights from count + 1 down to 2, modulo 11, ten counts as nought. */
const cpfDigit = (digits: string, count: number): number => {
  const sum = weightedSum(
    digits,
    Array.from({ length: count }, (_, i) => count + 1 - i),
  );
  return ((sum * 10) % 11) % 10;
};

/** Cadastro de Pessoas Físicas: two check digits. @see Receita Federal */
const brCpf = nationalId({
  type: 'BR_CPF',
  region: 'BR',
  digits: 11,
  distinct: [{ source: '\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}', score: 0.85 }],
  plain: [{ source: '\\d{9}-?\\d{2}' }, { source: '\\d{3} \\d{3} \\d{3}[ -]\\d{2}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    if (/^(\d)\1+$/.test(digits)) return false;
    return cpfDigit(digits, 9) === digitAt(digits, 9) && cpfDigit(digits, 10) === digitAt(digits, 10);
  },
  context: ['cpf', 'cadastro de pessoas', 'contribuinte'],
});

/** Rol Único Tributario: modulo 11 with the weights 2 to 7 from the right; ten is K. @see Servicio de Impuestos Internos */
const clRut = nationalId({
  type: 'CL_RUT',
  region: 'CL',
  anyCase: true,
  digits: 7,
  distinct: [{ source: '\\d{1,2}\\.\\d{3}\\.\\d{3}-[\\dK]', score: 0.75 }],
  plain: [{ source: '\\d{7,8}-[\\dK]' }],
  accepts: (value) => {
    const body = digitsOf(value.slice(0, -1));
    const sum = [...body].reverse().reduce((total, digit, i) => total + Number(digit) * (2 + (i % 6)), 0);
    return '0K987654321'[sum % 11] === value.at(-1);
  },
  context: ['rut', 'run', 'rol único', 'cédula de identidad'],
});

/** CUIT and CUIL of a person: prefixes 20, 23, 24 and 27, modulo 11. @see AFIP */
const arCuit = nationalId({
  type: 'AR_CUIT',
  region: 'AR',
  digits: 11,
  distinct: [{ source: '2[0347]-\\d{8}-\\d', score: 0.75 }],
  plain: [{ source: '2[0347]\\d{9}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    // Eleven becomes nought and ten becomes nine.
    return (
      Number('09987654321'[weightedSum(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11]) === digitAt(digits, 10)
    );
  },
  context: ['cuit', 'cuil', 'clave única de identificación tributaria'],
});

export const southAmerica = [brCpf, clRut, arCuit];
