/** @file What the page adds to the style sheet of the reports: two more colours, and readable samples. */
import { type Html, html } from '@plaudit/reward';

export const policyStyle: Html = html`
:root{--three:#3f7d20;--four:#7a4fb5}
@media(prefers-color-scheme:dark){:root{--three:#8fce6a;--four:#b99af0}}
.line.three,.dot.three,.whisker.three,.area.three{stroke:var(--three)}.line.four,.dot.four,.whisker.four,.area.four{stroke:var(--four)}
.line.three{stroke-dasharray:2 3}.line.four{stroke-dasharray:8 3 2 3}
.dot.three,.area.three{fill:var(--three)}.dot.four,.area.four{fill:var(--four)}.whisker.one{stroke:var(--one)}.whisker.two{stroke:var(--two)}
.line.fit{stroke:var(--two);stroke-width:1.5;stroke-opacity:.8}
.legend span{display:inline-block}.legend .three{color:var(--three);border-top-style:dotted}.legend .four{color:var(--four);border-top-style:dashed}.legend .fit{color:var(--two);border-top-width:1.5px}
.area{fill-opacity:.45}.area.two{stroke-dasharray:none}
.stopped{border:1px solid var(--rule);border-left:5px solid var(--one);border-radius:4px;padding:.7rem 1rem;margin:1rem 0;max-width:48rem}
.sample{background:var(--panel);border-radius:6px;padding:.8rem 1rem;margin:.8rem 0}.sample h4{margin:.6rem 0 0;font-size:.88rem;color:var(--quiet);font-weight:600}.sample pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;font-size:.92rem;margin:.2rem 0 .4rem;max-height:16rem;overflow:auto}
.settings td{text-align:left;white-space:normal;overflow-wrap:anywhere}
`;
