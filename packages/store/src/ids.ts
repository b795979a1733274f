/** @file Ids: of content by SHA-256 of canonical JSON, and of everything else by time and chance. */
import { createHash, hash, randomBytes } from 'node:crypto';
import { canonicalJson, type Judgement, type Prompt } from '@plaudit/contract';

/** SHA-256 of a text, 64 hexadecimal digits. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** A judgement's id, which is its row id in snapshots: the SHA-256 of its canonical JSON. */
export const judgementId = (judgement: Judgement): string => sha256(canonicalJson(judgement));

/** A prompt's id: the SHA-256 of its canonical JSON. */
export const promptId = (prompt: Prompt): string => sha256(canonicalJson(prompt));

/**
 * A response's id: it answers one prompt, so that the same words to another prompt are another response. The SHA-256 of the
 * canonical JSON of `{prompt, response}`, with the prompt's id.
 */
export const responseId = (prompt: string, text: string): string =>
  responseIdOfJson(prompt, JSON.stringify(text));

/** The same where the text is at hand as JSON. */
export const responseIdOfJson = (prompt: string, json: string): string =>
  sha256(`{"prompt":"${prompt}","response":${json}}`);

const digestForm = /^[0-9a-f]{64}$/;
export const isDigest = (id: string): boolean => digestForm.test(id);

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isUuid = (id: string): boolean => uuidForm.test(id);

/**
 * Makes UUIDs of version 7 (RFC 9562): 48 bits of milliseconds, 12 bits that count within one of them (method 1 of
 * section 6.2), then chance. Each sorts after the one before it, also when the clock is set back.
 *
 * @param random 8 random bytes.
 */
export const idsInOrder = (
  now: () => Date = () => new Date(),
  random: () => Uint8Array = () => randomBytes(8),
): (() => string) => {
  let milliseconds = 0;
  let count = 0;
  return () => {
    const time = now().getTime();
    count = time > milliseconds ? 0 : (count + 1) % 4096;
    milliseconds = time > milliseconds ? time : count === 0 ? milliseconds + 1 : milliseconds;
    const bytes = Buffer.alloc(16);
    bytes.writeUIntBE(milliseconds, 0, 6);
    bytes.writeUInt16BE(0x7000 | count, 6);
    bytes.set(random(), 8);
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
};

/** Version of the rule by which a snapshot's id follows from its rows'. */
const manifestSchema = 1;

/**
 * The id of the snapshot that holds these rows: the SHA-256 of the line `plaudit-manifest 1` and then of each row id on a
 * line of its own.
 */
export class ManifestDigest {
  private readonly hash = createHash('sha256').update(`plaudit-manifest ${manifestSchema}\n`);
  /** Ids taken so far. */
  rows = 0;

  /** @param ids In ascending order, each once. */
  add(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.hash.update(`${ids.join('\n')}\n`);
    this.rows += ids.length;
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}
