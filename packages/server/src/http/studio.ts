/** @file The built studio: its files, and its one page for every address that is a page of it. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Addresses of programs: what is not there is an error and no page. */
const ofPrograms = /^\/(v1|api|ajax-api|healthz|readyz|metrics|openapi\.json|assets)(\/|$)/;

/** @param notFound Throws the error for what is not there */
export const serveStudio = async (
  app: FastifyInstance,
  folder: string,
  notFound: () => never,
): Promise<void> => {
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    cacheControl: false,
    setHeaders(answer, path) {
      // The build names its assets after their content.
      answer.header(
        'cache-control',
        /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (!isPage || ofPrograms.test(path)) return notFound();
    return reply.sendFile('index.html');
  });
};
