/** Rows of a table, one below the other, where they are not wide enough to stand beside each other. */
const stacked = (table: string): string => `
  ${table} { table-layout: fixed; }
  ${table} thead { position: absolute; left: -100rem; }
  ${table} tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; }
  ${table} th, ${table} td, ${table} td.number { display: block; border: 0; padding: 0; text-align: left; }
  ${table} [data-label]:not(:empty)::before { content: attr(data-label) ": "; color: var(--soft); font-size: .8125rem; }
  :lang(fr) ${table} [data-label]:not(:empty)::before { content: attr(data-label) "\\a0: "; }
  ${table} form.say { margin-top: .5rem; }
  ${table} td.absent { display: none; }`;

/** The one style sheet of all pages: light and dark, from 320 px up, for paper too. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --sheet: #ffffff; --ink: #15202b; --soft: #516173; --line: #d5dce4;
  --tint: #eef2f6; --accent: #0b5cad; --on-accent: #ffffff;
  --good: #0f6b3c; --good-tint: #e5f4eb; --bad: #a3231b; --on-bad: #ffffff; --bad-tint: #fdecea;
  --warn: #7a4b00; --warn-tint: #fdf3dc;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0f151c; --sheet: #18212b; --ink: #e8edf2; --soft: #a5b3c1; --line: #33414f;
    --tint: #202c38; --accent: #78b6f2; --on-accent: #0b1620;
    --good: #7ed6a5; --good-tint: #14301f; --bad: #ff9f97; --on-bad: #2a0906; --bad-tint: #3a1815;
    --warn: #f3c469; --warn-tint: #35290f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: break-word;
  font: 1rem/1.5 system-ui, -apple-system, Segoe UI, Noto Sans, Noto Sans Arabic, sans-serif;
}
a { color: var(--accent); }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, textarea:focus-visible,
summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: .5rem 1rem; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.5rem;
  padding-top: 1rem; padding-bottom: 1rem; color: var(--soft); font-size: .9375rem; }
header .who { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; margin-left: auto; }
header strong { color: var(--ink); letter-spacing: .01em; }
footer { padding-top: 1rem; padding-bottom: 3rem; color: var(--soft); font-size: .875rem; }
section, .sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem;
  padding: 1.25rem; margin: 0 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
p { margin: 0 0 .75rem; max-width: 44rem; }
p:last-child { margin-bottom: 0; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
code, .code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875em;
  overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1.25rem; margin: 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
ol.phases { list-style: none; margin: .75rem 0 1rem; padding: 0; display: flex; font-size: .875rem; color: var(--soft); }
ol.phases li { flex: 1 1 0; position: relative; padding: 1.375rem .25rem 0 0; min-width: max-content; }
ol.phases li::before { content: ""; forced-color-adjust: none; position: absolute; top: .25rem; left: 0; width: .625rem; height: .625rem; border-radius: 50%;
  border: 2px solid var(--soft); background: var(--sheet); box-sizing: content-box; z-index: 1; }
ol.phases li::after { content: ""; position: absolute; top: .625rem; left: .875rem; right: 0; height: 2px; background: var(--line); }
ol.phases li:last-child { flex: none; }
ol.phases li:last-child::after { content: none; }
ol.phases li.done { color: var(--ink); }
ol.phases li.done::before { border-color: var(--good); background: var(--good); }
ol.phases li.done::after { background: var(--good); }
ol.phases li.now { color: var(--ink); font-weight: 600; }
ol.phases li.now::before { border-color: var(--accent); background: var(--accent); box-shadow: 0 0 0 .1875rem var(--sheet), 0 0 0 .3125rem var(--accent); }
ol.phases li.stopped::before { border-color: var(--warn); background: var(--warn); box-shadow: 0 0 0 .1875rem var(--sheet), 0 0 0 .3125rem var(--warn); }
ul.tiles { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(min(11.5rem, max(44%, 8.5rem)), 1fr)); }
ul.tiles li { background: var(--tint); border-radius: .375rem; padding: .75rem; }
ul.tiles b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
ul.tiles span { color: var(--soft); font-size: .875rem; }
.columns { display: grid; gap: 0 2rem; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; max-width: 46rem; font-size: .9375rem; }
caption { overflow-wrap: anywhere; text-align: left; font-weight: 600; padding: .75rem 0 .25rem; }
th, td { text-align: left; vertical-align: top; padding: .375rem .5rem .375rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
bdi { overflow-wrap: anywhere; }
thead th { color: var(--soft); font-weight: 500; font-size: .875rem; }
thead th::first-letter { text-transform: uppercase; }
tbody th { font-weight: 400; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
  overflow-wrap: normal; padding-left: .5rem; }
td.number:last-child, th.number:last-child { padding-right: 0; }
td.short, th.short { white-space: nowrap; width: 1%; padding-right: 1rem; }
.note { border-left: .25rem solid var(--line); background: var(--tint); padding: .75rem 1rem;
  border-radius: 0 .375rem .375rem 0; margin: 0 0 1rem; }
.note.bad { border-color: var(--bad); background: var(--bad-tint); }
.note.warn { border-color: var(--warn); background: var(--warn-tint); }
.note.good { border-color: var(--good); background: var(--good-tint); }
.note ul { margin: .25rem 0 0; padding-left: 1.25rem; }
.mark { display: inline-block; border-radius: 1rem; padding: .0625rem .625rem; font-size: .8125rem;
  font-weight: 600; background: var(--tint); white-space: nowrap;
  /* Seen where somebody has colours of their own, which take its ground away. */
  outline: 1px solid transparent; outline-offset: -1px; }
.mark.bad { color: var(--bad); background: var(--bad-tint); }
.mark.good { color: var(--good); background: var(--good-tint); }
.mark.warn { color: var(--warn); background: var(--warn-tint); }
dl.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: .5rem 1.25rem;
  margin: 0 0 .75rem; }
dl.pairs dt { color: var(--soft); font-size: .8125rem; }
dl.pairs dd { margin: 0; overflow-wrap: anywhere; }
dl.pairs dd.was { color: var(--soft); font-size: .875rem; }
header nav { margin-top: 0; }
header nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
header form { display: inline; }
header a, footer button.link { display: inline-block; padding: .125rem 0; }
button.link { border: 0; background: none; padding: 0; min-height: 0; font-weight: 400; text-decoration: underline;
  color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: .75rem; }
.ways { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; max-width: none; }
/* What is pressed is never lower than a line and a half; under a finger, than the tip of one. */
.ways a, nav a, th a, td a, dd a, li > a { display: inline-block; min-width: 1.5rem; padding: .1875rem 0; margin: -.1875rem 0; }
ul.acts li > a { min-width: 0; padding: .625rem 1.25rem; margin: 0; }
section { scroll-margin-top: .5rem; }
h2, tr { scroll-margin-top: 1.5rem; }
table + table { margin-top: .75rem; }
table + p, table + .note, .scroll + p, [data-live] + .ways, dl + p, dl + .note, nav + .note { margin-top: .75rem; }
details { margin: 0 0 .75rem; }
summary { cursor: pointer; color: var(--accent); width: fit-content; padding: .125rem 0; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; font-size: .9375rem; }
.choices { display: flex; flex-wrap: wrap; gap: .125rem 1.25rem; }
.choices label { display: inline-flex; flex-wrap: wrap; gap: .5rem; align-items: center; min-height: 2.25rem; cursor: pointer; }
input[type=radio], input[type=checkbox] { width: 1.15rem; height: 1.15rem; accent-color: var(--accent);
  margin: 0; flex: none; }
p.tick { display: flex; gap: .625rem; align-items: baseline; }
p.tick input { transform: translateY(.15rem); }
label.field { display: block; font-weight: 600; margin: 0 0 .25rem; }
textarea { width: 100%; min-height: 6rem; font: inherit; color: inherit; background: var(--sheet);
  border: 1px solid var(--soft); border-radius: .375rem; padding: .5rem .625rem; resize: vertical; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; }
::placeholder { color: var(--soft); opacity: 1; }
@media (min-width: 30.01rem) {
  table.rows th, table.rows td { min-width: 5.5rem; }
  table.stacks td:nth-child(2) { min-width: 7.5rem; }
  table.rows .number { min-width: 0; }
  table.rows th:first-child, section > table th:first-child { min-width: 7.5rem; }
}
@media (hover: none) { kbd { display: none; } }
.keyless kbd, [hidden] { display: none; }
@media (min-width: 30.01rem) { td.number + td:not(.number), th.number + th:not(.number) { padding-left: 1.5rem; } }
button { font: inherit; font-weight: 600; border-radius: .375rem; padding: .625rem 1.25rem; min-height: 2.75rem;
  cursor: pointer; border: 1px solid var(--accent); background: var(--sheet); color: var(--accent); }
button.main { background: var(--accent); color: var(--on-accent); }
button.bad { border-color: var(--bad); color: var(--bad); }
button:hover { filter: brightness(.94); }
@media (max-width: 30rem) {
  ol.phases { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.875rem, 1fr)); gap: .5rem 0; }
  ol.phases li { min-width: 0; }
  h1 { font-size: 1.35rem; }
  header .who { margin-left: 0; }
  section, .sheet { padding: 1rem; border-radius: .375rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: .5rem; }
  table { font-size: .875rem; hyphens: auto; }
  thead th { font-size: .8125rem; }
  td.number, th.number { padding-left: .375rem; }
  .buttons button { width: 100%; }
  td.short, th.short { white-space: normal; width: auto; }
  tbody th, table.wide td { overflow-wrap: anywhere; }
}
table.wide { max-width: none; }
svg.bar { display: block; width: 100%; height: .5rem; border-radius: .25rem; margin: .25rem 0; }
svg.bar.signed { max-width: 8rem; }
svg .rest { fill: var(--line); }
svg .committed { fill: var(--accent); } svg .linked { fill: var(--good); } svg .held { fill: var(--warn); }
svg .part { fill: var(--soft); opacity: .6; }
svg .skipped { fill: var(--soft); } svg .failed { fill: var(--bad); } svg .rolled_back { fill: var(--accent); opacity: .5; }
.key { forced-color-adjust: none; display: inline-block; width: .75rem; height: .75rem; border-radius: .125rem; background: var(--line); }
.key.committed { background: var(--accent); } .key.linked { background: var(--good); } .key.held { background: var(--warn); }
.key.part { background: var(--soft); opacity: .6; } .key.skipped { background: var(--soft); } .key.failed { background: var(--bad); } .key.rolled_back { background: var(--accent); opacity: .5; }
form.filter { display: grid; gap: .5rem 1.25rem; align-items: end; margin: 0 0 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(14rem, 44%), 1fr)); }
form.filter span { min-width: 0; }
form.filter span.broad { grid-column: span 2; }
form.filter label { display: block; color: var(--soft); font-size: .875rem; }
form.filter select, form.filter input { width: 100%; }
form.filter button { justify-self: start; }
select, input[type=text], input[type=search] { font: inherit; color: inherit; background: var(--sheet);
  border: 1px solid var(--soft); border-radius: .375rem; padding: .375rem .5rem; min-height: 2.5rem; max-width: 100%; }
[aria-invalid] { border-color: var(--bad) !important; border-width: 2px !important; }
p.wrong { color: var(--bad); font-weight: 600; margin-bottom: .375rem; }
blockquote { margin: 0 0 .75rem; padding-left: 1rem; border-left: .25rem solid var(--line); white-space: pre-wrap;
  overflow-wrap: anywhere; }
a.button { display: inline-block; font-weight: 600; border-radius: .375rem; padding: .625rem 1.25rem;
  text-decoration: none; border: 1px solid var(--accent); }
a.button.main { background: var(--accent); color: var(--on-accent); }
ul.acts { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .5rem .75rem; }
ul.acts details { margin: 0; }
ul.acts summary, ul.acts a { display: block; width: fit-content; font-weight: 600; border-radius: .375rem;
  padding: .625rem 1.25rem; text-decoration: none; border: 1px solid var(--accent); list-style: none; }
ul.acts summary::-webkit-details-marker { display: none; }
ul.acts .bad > summary, ul.acts a.bad { color: var(--bad); border-color: var(--bad); }
ul.acts li:has(details[open]) { flex-basis: 100%; }
ul.acts details[open] { background: var(--tint); border-radius: .375rem; padding: .75rem 1rem; }
ul.acts details[open] > summary { border: 0; padding: 0 0 .5rem; }
pre.code { overflow-x: auto; background: var(--tint); border-radius: .375rem; padding: .75rem; margin: .5rem 0;
  max-height: 24rem; }
svg.machine { min-width: 60rem; max-width: 100%; height: auto; font-size: 13px; font-family: inherit; }
svg.machine rect { fill: var(--sheet); stroke: var(--soft); stroke-width: 1.5; }
svg.machine text { fill: var(--ink); text-anchor: middle; }
svg.machine .way { fill: none; stroke: var(--soft); stroke-width: 1.3; }
svg.machine .way.back { stroke-dasharray: 5 4; }
svg.machine .tip { fill: var(--soft); }
svg.machine .called { font-size: 11px; fill: var(--soft); paint-order: stroke; stroke: var(--sheet); stroke-width: 4; }
svg.machine .passed rect { fill: var(--good-tint); stroke: var(--good); }
svg.machine .failed rect { fill: var(--bad-tint); stroke: var(--bad); }
svg.machine .last rect { fill: var(--tint); stroke: var(--ink); stroke-width: 3; }
svg.machine .now rect { fill: var(--accent); stroke: var(--accent); }
svg.machine .now text { fill: var(--on-accent); font-weight: 600; }
svg.machine a:focus-visible rect { stroke: var(--accent); stroke-width: 4; }
.progress { font-weight: 600; font-variant-numeric: tabular-nums; }
ul.plain { margin: 0 0 .75rem; padding-left: 1.25rem; }
kbd { font: inherit; font-size: .8125em; border: 1px solid currentcolor; border-radius: .25rem; padding: 0 .375rem;
  margin-left: .375rem; opacity: .85; }
.tabs { margin: 0 0 .75rem; }
/* In one line where it has room in one. */
.whole { display: inline-block; overflow-wrap: anywhere; }
dl.facts + .tabs, dl.facts + details { margin-top: .75rem; }
dl.facts + .tabs { margin-bottom: 0; }
.tabs a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
.buttons a.button { min-height: 2.75rem; }
form.say { display: flex; flex-wrap: wrap; gap: .375rem; margin: 0 0 .375rem; align-items: center; }
form.say input { flex: 1 1 9rem; width: 100%; min-width: min(9rem, 100%); max-width: 14rem; }
form.say select { max-width: 12rem; }
@media (min-width: 60rem) { form.say { flex-wrap: nowrap; } form.say button { white-space: nowrap; } form.say input { min-width: 7rem; } }
form.say:has(.wrong) { flex-wrap: wrap; }
form.say .wrong { flex: 1 0 100%; }
form.say button { padding: .25rem .625rem; min-height: 2.5rem; }
form + details, .buttons + details, form + nav, form + .tabs { margin-top: 1rem; }
table + details, form + p { margin-top: .75rem; }
td details { margin: 0; }
table + form > fieldset { margin-top: 1rem; }
/* In the row's box, not in its own: there from the row's first line on. */
html:has(.verdict) { scroll-padding-bottom: 5rem; }
form:has(> .verdict) { display: contents; }
.buttons.verdict { position: sticky; bottom: 0; background: var(--sheet); border-top: 1px solid var(--line);
  padding: .5rem 0; }
details.more > summary { font-weight: 600; font-size: 1.05rem; }
@media (max-width: 68rem) {${stacked("table.stacks")}
}
/* As narrow as a phone is to whoever reads everything twice as large. */
@media (max-width: 18rem) {${stacked("section > table")}
  td.number { white-space: normal; }
}
@media screen and (max-width: 46rem) {${stacked("table.rows")}
}
@media (max-width: 30rem) {
  .buttons a.button { width: 100%; text-align: center; }
  dl.pairs { grid-template-columns: repeat(auto-fill, minmax(min(8.25rem, 100%), 1fr)); }
  dl.pairs .long { grid-column: 1 / -1; }
  .buttons.verdict button { flex: 1 1 8rem; width: auto; padding: .625rem .5rem; }
  .mark { white-space: normal; }
}
@media (pointer: coarse), (max-width: 30rem) {
  .ways, nav, header { row-gap: 0; }
  .ways a, nav a, header a, th a, td a, dd a, li > a, summary, footer button.link { min-width: 2.75rem; padding: .625rem 0; margin: 0; }
  ul.acts summary, ul.acts li > a { padding: .625rem 1.25rem; }
  .choices label, form.say button, form.filter button, select, input[type=text], input[type=search] { min-height: 2.75rem; }
}
/* A sheet of A4 is as narrow as a small window: tables keep their columns there, in smaller letters. */
@media print {
  :root { color-scheme: light; }
  body { font-size: .8125rem; }
  table, thead th, .small, summary, dl.facts { font-size: inherit; }
  h1 { font-size: 1.35rem; }
  details.more::details-content { content-visibility: visible; height: auto; }
  .buttons, .skip, header a, main nav, a.button, ul.acts, section:has(> ul.acts), form:not(:has(table, dl)),
  details:has(> form), footer .tick, form.say, form.filter button, form[role=search], [aria-labelledby=look] { display: none; }
  body { background: none; }
  section { break-inside: avoid-page; }
  tr, ul.tiles li, .columns > * { break-inside: avoid; }
  .key, .mark, .note, ol.phases, ul.tiles li { print-color-adjust: exact; }
}
`;
