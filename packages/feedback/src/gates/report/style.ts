/** @file The style sheet of the report: no font, image or script from outside; light and dark by the reader's setting. */
import { Html } from './html.ts';

export const styleSheet = new Html(`
:root{color-scheme:light dark;--ink:#1c2126;--quiet:#5b6570;--paper:#fff;--panel:#f5f7f9;--rule:#d8dee4;--one:#2a6fb0;--two:#c2571a;--pass:#1d7a46;--warn:#8a5a00;--fail:#b3261e;--pass-paper:#e3f4ea;--warn-paper:#fff0d2;--fail-paper:#fbe3e1;--none-paper:#e9edf1}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--quiet:#9aa5b1;--paper:#15191e;--panel:#1d232a;--rule:#38424d;--one:#6cb0f0;--two:#f0935a;--pass:#7fd6a2;--warn:#ffcf70;--fail:#ff9d94;--pass-paper:#17331f;--warn-paper:#3a2b0c;--fail-paper:#43201d;--none-paper:#2a323b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
a{color:var(--one)}
h1{font-size:1.6rem;margin:.2rem 0 1rem}h2{font-size:1.2rem;margin:2.4rem 0 .8rem;border-bottom:1px solid var(--rule);padding-bottom:.3rem}h3{font-size:1.05rem;margin:0 0 .4rem}h4{font-size:.95rem;margin:0 0 .4rem}
.lead{font-size:1.2rem;line-height:1.5;max-width:48rem}.quiet{color:var(--quiet)}
.box{border:1px solid var(--fail);border-left-width:5px;background:var(--fail-paper);border-radius:4px;padding:.7rem 1rem;margin:1rem 0;max-width:48rem}.box ul{margin:.3rem 0 0;padding-left:1.2rem}
.chip{display:inline-block;border-radius:1rem;padding:0 .6rem;font-size:.82rem;font-weight:600;white-space:nowrap}.chip.pass{background:var(--pass-paper);color:var(--pass)}.chip.warn{background:var(--warn-paper);color:var(--warn)}.chip.fail{background:var(--fail-paper);color:var(--fail)}.chip.not_applicable{background:var(--none-paper);color:var(--quiet)}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.28rem .9rem .28rem 0;border-bottom:1px solid var(--rule);font-weight:400;white-space:nowrap}th:first-child,td.left,th.left{text-align:left}thead th{font-weight:600}tbody th.family{font-weight:600;padding-top:.9rem}
.verdicts{width:100%}
.gate{border:1px solid var(--rule);border-left:5px solid var(--rule);border-radius:6px;padding:.9rem 1.1rem;margin:0 0 1rem}.gate.pass{border-left-color:var(--pass)}.gate.warn{border-left-color:var(--warn)}.gate.fail{border-left-color:var(--fail)}
.gate header{display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:baseline}.gate p{margin:.35rem 0;max-width:52rem}.gate .fix{border-left:3px solid var(--one);padding-left:.7rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:1.25rem;align-items:start;margin:.7rem 0 .2rem}
figure{margin:0;background:var(--panel);border-radius:6px;padding:1rem}figcaption{color:var(--quiet);font-size:.88rem;margin:.3rem 0 0}
svg{width:100%;height:auto;display:block}svg text{fill:var(--quiet);font-size:12px}svg .label,svg .value{fill:var(--ink);font-size:12.5px}svg .name{font-size:12.5px}
.grid{stroke:var(--rule);stroke-width:1}.base{stroke:var(--quiet);stroke-width:1}.mark{stroke:var(--quiet);stroke-dasharray:3 3}
.line{fill:none;stroke:var(--one);stroke-width:2}.dot{fill:var(--one)}.bar{fill:var(--one);fill-opacity:.55}.bar.flagged{fill:var(--two);fill-opacity:.75}.whisker{stroke:var(--ink);stroke-width:1.5}
.cell{fill:var(--one)}.cell.thin{fill:none;stroke:var(--two);stroke-width:1.5;stroke-dasharray:3 2}svg .on{fill:#fff}
summary{cursor:pointer;color:var(--one)}details{margin:.4rem 0 0;font-size:.92rem}details ul{margin:.3rem 0;padding-left:1.2rem;columns:2 16rem}
@media print{body{max-width:none}.gate,figure{break-inside:avoid}}
`);
