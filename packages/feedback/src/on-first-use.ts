/** @file Libraries that are loaded when they are first needed, because loading them takes longer than starting a command. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * @example
 * const tinyld = onFirstUse<typeof import('tinyld')>('tinyld');
 * tinyld().detectAll(text);
 */
export const onFirstUse = <Library>(name: string): (() => Library) => {
  let library: Library | undefined;
  return () => {
    library ??= require(name) as Library;
    return library;
  };
};
