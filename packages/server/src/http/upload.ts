/** @file A body read as a stream, no more of it than is allowed. */
import { Readable, Transform } from 'node:stream';
import { plauditError } from '@plaudit/contract';

/**
 * @param limit Bytes; what goes beyond makes the stream fail with request.too_large
 * @param pause Milliseconds without a piece, after which it fails with request.too_slow
 */
export const bounded = (body: unknown, limit: number, pause: number): Readable => {
  const source = body instanceof Readable ? body : Readable.from([]);
  let bytes = 0;
  const late = setTimeout(() => counted.destroy(plauditError('request.too_slow')), pause);
  const counted = new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      late.refresh();
      if (bytes > limit) done(plauditError('request.too_large', { limit }));
      else done(null, piece);
    },
  });
  // A handler that has refused the request reads nothing more of it: then its failing is nobody's concern.
  counted.on('error', () => undefined);
  counted.once('close', () => clearTimeout(late));
  source.on('error', (cause) => counted.destroy(cause));
  // A caller who hangs up in the middle has not sent a shorter file.
  source.on('close', () => {
    if (!source.readableEnded && !counted.destroyed) counted.destroy(new Error('the upload was cut off'));
  });
  return source.pipe(counted);
};
