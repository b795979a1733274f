/** @file A JSON body before it is parsed: what would keep the loop busy for long is refused by one look over its bytes. */
import { isUtf8 } from 'node:buffer';
import { plauditError } from '@plaudit/contract';

/** Levels of objects and lists, one in the other. What people send has some ten; schemas are followed by recursion. */
const deepest = 100;

/** Bytes of the limit for each value. A document of nothing but small values takes far longer to check than one of texts. */
const bytesForValue = 100;

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * @param limit Bytes that the route takes
 * @throws PlauditError request.not_json for bytes that are not UTF-8; request.invalid
 */
export const checkJsonBody = (body: Buffer, limit: number): void => {
  // Decoding would put other characters in the place of what is none.
  if (!isUtf8(body)) throw plauditError('request.not_json');
  const most = Math.floor(limit / bytesForValue);
  let [depth, values] = [0, 1];
  for (let at = 0; at < body.length; at++)
    switch (body[at]) {
      case quote:
        at = endOfText(body, at + 1);
        break;
      case openList:
      case openObject:
        if (++depth > deepest) throw plauditError('request.invalid', { problem: 'it is nested too deeply' });
        break;
      case closeList:
      case closeObject:
        depth--;
        break;
      case comma:
        if (++values > most)
          throw plauditError('request.invalid', { problem: `it holds more than ${most} values` });
    }
};

/** Where the text ends that begins there. Bytes of characters beyond ASCII are none of these marks. */
const endOfText = (body: Buffer, from: number): number => {
  for (let at = from; ; ) {
    const end = body.indexOf(quote, at);
    if (end < 0) return body.length;
    let escapes = 0;
    while (body[end - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return end;
    at = end + 1;
  }
};
