import { readFileSync } from 'node:fs';
import type { Message } from '@plaudit/contract';
import { PlauditError } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture } from '../checkpoint/testing.ts';
import { ChatTemplate, defaultChatTemplate, defaultSegmentTemplate } from './chat-template.ts';

const conversation: Message[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi {{ 7 * 7 }} {% raw %}' },
  { role: 'assistant', content: 'Hello' },
  { role: 'user', content: 'Bye' },
];

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof PlauditError) return thrown.code;
    throw thrown;
  }
  return 'nothing thrown';
};

const render = (source: string, messages: Message[] = conversation): string =>
  new ChatTemplate(source).render(messages, false);

describe('ChatTemplate', () => {
  it('renders ChatML and leaves template syntax in the messages alone', () => {
    const template = new ChatTemplate(readFileSync(fixture('llama/chat_template.jinja'), 'utf8'));
    expect(template.render(conversation, true)).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi {{ 7 * 7 }} {% raw %}<|im_end|>\n' +
        '<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('has a plain default, and another for models that read the prompt as a segment', () => {
    const template = new ChatTemplate(defaultChatTemplate);
    expect(template.render(conversation.slice(2), true)).toBe(
      'Assistant:\nHello\n\nUser:\nBye\n\nAssistant:\n',
    );
    expect(render(defaultSegmentTemplate, conversation.slice(3))).toBe('Bye');
    expect(render(defaultSegmentTemplate, conversation.slice(2))).toBe('Assistant: Hello\nUser: Bye');
  });

  it('gives variables, and a day that never changes', () => {
    const template = new ChatTemplate(
      "{{ bos_token }}{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%A %-d %B %j %H:%M %%') }}|{{ tools is none }}",
      { variables: { bos_token: '<s>' } },
    );
    expect(template.render([], false)).toBe('<s>26 Jul 2024|Friday 26 July 208 00:00 %|true');
    expect(new ChatTemplate("{{ strftime_now('%Y-%m-%d') }}", { date: '2031-02-03' }).render([], false)).toBe(
      '2031-02-03',
    );
    expect(codeOf(() => new ChatTemplate('', { date: 'tomorrow' }))).toBe('model.template_invalid');
  });

  it('supports what real templates use: namespaces, macros, slices, loop controls, filters, methods', () => {
    expect(
      render(
        "{%- macro turn(m) %}[{{ m.role | upper }}]{{ m['content'].split(' ')[0] | trim }}{% endmacro %}" +
          "{% set ns = namespace(n=0, last=messages[-1]) %}{% for m in messages[1:] if m.role != 'system' %}" +
          '{% if loop.index0 == 2 %}{% break %}{% endif %}{{ turn(m) }}{% set ns.n = ns.n + 1 %}{% endfor %}' +
          "{{ ns.n }}{{ ns.last.content.replace('Bye', 'B\ny\ne') | indent(2) }}{{ ['a', 'b'] | join(', ') }}" +
          "{{ {'k': [1, none]} | tojson(indent=2) }}{{ 'x' if 'role' in messages[0] else 'y' }}",
      ),
    ).toBe('[USER]Hi[ASSISTANT]Hello2B\n  y\n  ea, b{\n  "k": [\n    1,\n    null\n  ]\n}x');
  });

  it('passes on the refusal of a template, and says where a template is wrong', () => {
    expect(codeOf(() => render("{{ raise_exception('roles must alternate') }}"))).toBe(
      'model.template_refused',
    );
    expect(codeOf(() => render('{% for %}'))).toBe('model.template_invalid');
    expect(codeOf(() => render('{{ 1 + none }}'))).toBe('model.template_invalid');
    expect(codeOf(() => render('{{ messages | nonsense }}'))).toBe('model.template_invalid');
  });

  it('cannot reach JavaScript', () => {
    expect(render("{{ messages.constructor }}{{ ''.__proto__ }}{{ range.constructor }}{{ process }}")).toBe(
      '',
    );
  });

  it('renders a thousand long turns within its budget', () => {
    const long = Array.from(
      { length: 1000 },
      (_, i): Message => ({
        role: i % 2 ? 'assistant' : 'user',
        content: `${i} ${'word '.repeat(400)}`,
      }),
    );
    const text = render(
      "{% for m in messages %}{% if m.role != messages[loop.index0 - 1].role %}{{ m.role + ': ' + (m.content | trim) }}{% endif %}" +
        '{% endfor %}',
      long,
    );
    expect(text.length).toBeGreaterThan(1_900_000);
  });

  it('never fails with anything but an error of the table, whatever the template', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{% for m in messages %}',
        '{% endfor %}',
        '{% if m %}',
        '{% endif %}',
        '{{ m.content }}',
        '{%- ',
        ' -%}',
      ),
      fc.constantFrom(
        '{% set x = [messages, m] %}',
        '{{ x | tojson }}',
        '{% macro f(a) %}',
        '{% endmacro %}',
        '{{ f(x) }}',
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        codeOf(() => render(pieces.join('')));
      }),
      { numRuns: 500 },
    );
  });

  const doubled = "{% set ns = namespace(s='xxxxxxxxxxxxxxxx', a=[1]) %}{% for i in range(40) %}";
  const big = `${doubled.replace('40', '14')}{% set ns.s = ns.s ~ ns.s %}{% endfor %}`;

  it.each([
    ['counts far', '{% for i in range(1000000000) %}{% endfor %}'],
    ['nests loops', '{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}'],
    [
      'nests loops that write',
      '{% for i in range(9999) %}{% for j in range(9999) %}xxxxxxxx{% endfor %}{% endfor %}',
    ],
    [
      'nests loops with a condition',
      '{% for i in range(9999) %}{% for j in range(9999) if false %}{% endfor %}{% endfor %}',
    ],
    ['doubles text', `${doubled}{% set ns.s = ns.s ~ ns.s %}{% endfor %}`],
    ['doubles a list', `${doubled}{% set ns.a = ns.a + ns.a %}{% endfor %}`],
    ['doubles a tree by sharing', `${doubled}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}`],
    [
      'doubles a mapping by sharing',
      `${doubled}{% set ns.a = {'l': ns.a, 'r': ns.a} %}{% endfor %}{{ ns.a }}`,
    ],
    [
      'doubles through namespaces that are filled later',
      `{% set n0 = namespace() %}${Array.from({ length: 40 }, (_, i) => `{% set n${i + 1} = namespace() %}`).join('')}` +
        `${Array.from({ length: 40 }, (_, i) => `{% set n${40 - i}.v = [n${39 - i}, n${39 - i}] %}`).join('')}{{ n40 | tojson }}`,
    ],
    ['holds itself', '{% set n = namespace() %}{% set n.v = [n] %}{{ n }}'],
    ['multiplies by the filter replace', `${big}{{ ns.s | replace('x', ns.s) | length }}`],
    ['multiplies by the method replace', `${big}{{ ns.s.replace('x', ns.s) | length }}`],
    [
      'multiplies by the method under a computed name',
      `${big}{{ ns.s['repl' ~ 'ace']('x', ns.s) | length }}`,
    ],
    ['multiplies by replacing nothing', `${big}{{ ns.s.replace('', ns.s) | length }}`],
    ['multiplies by join', `${big}{{ ns.s | join(ns.s) | length }}`],
    ['multiplies by indent', `{{ 'a\nb' | indent(500000000) | length }}`],
    ['multiplies by a negative indent', `{{ 'a\nb' | indent(width=-500000000) | length }}`],
    ['multiplies by the indent of tojson', '{{ messages | tojson(indent=200000000) | length }}'],
    [
      'multiplies by the separators of tojson',
      `${big}{{ range(999) | tojson(separators=(ns.s, ns.s)) | length }}`,
    ],
    [
      'works on long text again and again',
      `${big}{% for i in range(99999) %}{{ ns.s | upper | lower | length }}{% endfor %}`,
    ],
    [
      'sorts a long list again and again',
      `{% set l = range(99999) %}{% for i in l %}{% set x = l | sort %}{% endfor %}`,
    ],
    [
      'searches a long list again and again',
      '{% set l = range(99999) %}{% for i in l %}{{ -1 in l }}{% endfor %}',
    ],
    ['calls itself', '{% macro f(g) %}{{ g(g) }}{{ g(g) }}{% endmacro %}{{ f(f) }}'],
    [
      'defines macros in a loop',
      `{% for i in range(99999) %}{% macro f() %}${'{{ 1 }}'.repeat(5000)}{% endmacro %}{% endfor %}`,
    ],
    ['nests brackets', `{{ ${'('.repeat(30000)}1${')'.repeat(30000)} }}`],
    ['nests lists', `{{ ${'['.repeat(400)}1${']'.repeat(400)} }}`],
    ['is one long sum', `{{ 'a' ${"~ 'a'".repeat(12000)} }}`],
    ['is longer than any template', ' x'.repeat(60_000)],
    ['is all spaces', ' '.repeat(60_000)],
    ['is all open blocks', '{%'.repeat(40_000)],
    ['is all spaced blocks', `${'{%'}${' '.repeat(1900)}`.repeat(50)],
  ])('stops a template that %s, soon and in little memory', (_, source) => {
    const start = performance.now();
    const memory = process.memoryUsage.rss();
    expect(codeOf(() => render(source))).toMatch(/^model\.template_(limit|invalid)$/);
    expect(performance.now() - start).toBeLessThan(8000);
    expect(process.memoryUsage.rss() - memory).toBeLessThan(400 * 2 ** 20);
  });
});
