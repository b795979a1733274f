/** @file Canonical JSON (RFC 8785): same value, same text, on any machine; what ids and digests are made from. */

/**
 * The RFC 8785 text of a JSON value: keys sorted by UTF-16 code units, no white space. `JSON.stringify` already writes
 * numbers and strings as that standard asks. Fields that are `undefined` are left out, as in `JSON.stringify`.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
};
