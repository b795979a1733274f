/** @file Requests that a page of another site makes a browser send: they must not act for who is signed in. */

export interface RequestOrigin {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request comes from our own pages or from no page at all. A browser says so itself (`Sec-Fetch-Site`); an older one
 * sends the origin of the page with whatever changes something; what sends neither is no browser.
 *
 * @param publicUrl The address that people see, where it is not the one that requests arrive with.
 */
export const isFromOwnSite = (
  { method, host, origin, fetchSite }: RequestOrigin,
  publicUrl: string | undefined,
): boolean => {
  if (safe.has(method)) return true;
  if (fetchSite !== undefined) return fetchSite === 'same-origin' || fetchSite === 'none';
  if (origin === undefined) return true;
  const from = URL.parse(origin);
  if (!from) return false;
  return from.host === host || (publicUrl !== undefined && from.origin === URL.parse(publicUrl)?.origin);
};
