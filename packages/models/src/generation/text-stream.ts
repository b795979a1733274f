/** @file Text as its tokens come, never half a character, and never the beginning of what would end it. */

/** What a decoder writes for bytes that are no character, or not yet. */
const replacement = '\uFFFD';
/** Bytes of a character that can be there without its last one. */
const longestPart = 3;

/**
 * Turns tokens into text as they come.
 *
 * @example
 * const stream = new TextStream((ids) => tokenizer.decode(ids), ['\n\n']);
 * for (const token of tokens) process.stdout.write(stream.push(token));
 * process.stdout.write(stream.end());
 */
export class TextStream {
  private readonly decode: (ids: readonly number[]) => string;
  private readonly stops: readonly string[];
  /** Tokens that are decoded together: those before `settled` only give those behind it their context. */
  private tokens: number[] = [];
  private settled = 0;
  /** Text that is certain but may be the beginning of a stop string. */
  private waiting = '';
  /** Letters of the tokens behind `settled` that were taken already. */
  private taken = 0;
  private text = '';
  private stoppedBy: string | null = null;

  /** @param stops Strings at which the text ends; they are no part of it */
  constructor(decode: (ids: readonly number[]) => string, stops: readonly string[] = []) {
    this.decode = decode;
    this.stops = stops.filter((stop) => stop !== '');
  }

  /** The stop string that ended the text; null while it goes on. */
  get stopped(): string | null {
    return this.stoppedBy;
  }

  /** All that was returned so far. */
  get all(): string {
    return this.text;
  }

  /** Takes a token. @returns the text that is certain now, '' where it depends on what follows */
  push(token: number): string {
    if (this.stoppedBy !== null) return '';
    this.tokens.push(token);
    const context = this.settled === 0 ? '' : this.decode(this.tokens.slice(0, this.settled));
    const fresh = this.decode(this.tokens).slice(context.length);
    let open = 0;
    while (open < longestPart && fresh.at(-1 - open) === replacement) open++;
    const sure = fresh.slice(this.taken, fresh.length - open);
    if (open === 0) {
      this.tokens = this.tokens.slice(this.settled);
      this.settled = this.tokens.length;
      this.taken = 0;
    } else this.taken = Math.max(this.taken, fresh.length - open);
    return this.released(sure);
  }

  /** Ends the text. @returns what was held back */
  end(): string {
    if (this.stoppedBy !== null) return '';
    const context = this.settled === 0 ? '' : this.decode(this.tokens.slice(0, this.settled));
    const rest = this.decode(this.tokens).slice(context.length + this.taken);
    const last = this.released(rest) + (this.stoppedBy === null ? this.waiting : '');
    if (this.stoppedBy === null) this.text += this.waiting;
    this.waiting = '';
    this.tokens = [];
    this.settled = this.taken = 0;
    return last;
  }

  private released(fresh: string): string {
    const text = this.waiting + fresh;
    const found = this.stops
      .map((stop) => ({ stop, at: text.indexOf(stop) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    const certain = found ? found.at : text.length - this.beginning(text);
    this.stoppedBy = found?.stop ?? null;
    this.waiting = found ? '' : text.slice(certain);
    this.text += text.slice(0, certain);
    return text.slice(0, certain);
  }

  /** How many letters at the end of a text may be the beginning of a stop string. */
  private beginning(text: string): number {
    const longest = this.stops.reduce((most, stop) => Math.max(most, stop.length - 1), 0);
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const tail = text.slice(text.length - length);
      if (this.stops.some((stop) => stop.startsWith(tail))) return length;
    }
    return 0;
  }
}
