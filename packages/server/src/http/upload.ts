/** @file A body read as a stream, no more of it than is allowed. */
import { Readable, Transform } from 'node:stream';
import { plauditError } from '@plaudit/contract';

/** @param limit Bytes; what goes beyond makes the stream fail with request.too_large */
export const bounded = (body: unknown, limit: number): Readable => {
  const source = body instanceof Readable ? body : Readable.from([]);
  let bytes = 0;
  const counted = new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      if (bytes > limit) done(plauditError('request.too_large', { limit }));
      else done(null, piece);
    },
  });
  source.on('error', (cause) => counted.destroy(cause));
  // A caller who hangs up in the middle has not sent a shorter file.
  source.on('close', () => {
    if (!source.readableEnded && !counted.destroyed) counted.destroy(new Error('the upload was cut off'));
  });
  return source.pipe(counted);
};
