import { Tokenizer } from '@huggingface/tokenizers';
export const createFormatter = (text: any, o: any) => {
  const t = new Tokenizer(text.tokenizerJson, text.tokenizerConfig);
  const enc = (s: string) => t.encode(s, { add_special_tokens: false }).ids;
  const end = enc('<|im_end|>\n');
  return {
    tokenizer: { padId: 0 },
    digest: 'tmp',
    direction: 'causal',
    formatTree(prompt: any[], responses: string[]) {
      let p = enc(
        prompt.map((m) => `<|im_start|>${m.role}\n${m.content}<|im_end|>\n`).join('') +
          '<|im_start|>assistant\n',
      );
      const rs = responses.map((r) => [...enc(r).slice(0, o.maxLength - 32), end[0]!]);
      const room = o.maxLength - Math.max(...rs.map((r) => r.length));
      if (p.length > room) p = p.slice(p.length - room);
      return { prompt: p, responses: rs };
    },
    formatRow() {
      throw new Error();
    },
  };
};
