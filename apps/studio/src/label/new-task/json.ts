/** @file JSON as people paste it. */

/** What a text holds; undefined for an empty one, null for what is not JSON. */
export const jsonIn = (text: string): unknown => {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
