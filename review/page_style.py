"""How the HTML report looks: light and dark, on a telephone, on paper. A constant and nothing else."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --card: #ffffff; --ink: #1d2125; --soft: #59626b; --line: #dfddd6; --code: #f0eee8;
  --fine: #14653c; --fine-wash: #e4f1e8; --ask: #8a4b00; --ask-wash: #fbeeda; --stop: #a3161f; --stop-wash: #fbe6e5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1c2024; --ink: #e7e5df; --soft: #a3abb3; --line: #32383e; --code: #272c31;
    --fine: #7fd3a2; --fine-wash: #15291e; --ask: #f0b866; --ask-wash: #2f2312; --stop: #ff9a94; --stop-wash: #361819;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
main { max-width: 72rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
.label { margin: 0 0 .75rem; color: var(--soft); font-size: .875rem; letter-spacing: .02em; }
.review + .review { margin-top: 4.5rem; padding-top: 2.5rem; border-top: 1px solid var(--line); }
.verdict {
  border-radius: .75rem; padding: 1.5rem 1.75rem; background: var(--wash); border-left: .5rem solid var(--tone);
}
.fine { --tone: var(--fine); --wash: var(--fine-wash); }
.ask { --tone: var(--ask); --wash: var(--ask-wash); }
.stop { --tone: var(--stop); --wash: var(--stop-wash); }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
.verdict h2 { margin: 0; font-size: 1.75rem; font-weight: 650; color: var(--tone); letter-spacing: -.012em; }
.verdict h2 svg { width: 1.5rem; height: 1.5rem; margin-right: .65rem; vertical-align: -.2rem; fill: currentColor; }
.where { margin: 0 0 1rem; font-size: 1.0625rem; }
.where b { font-weight: 650; }
.counts { margin: .5rem 0 0; font-size: 1.0625rem; font-weight: 550; font-variant-numeric: tabular-nums; }
.reasons { margin: 1rem 0 0; padding-left: 1.2rem; }
.reasons li { margin: .2rem 0; }
.caution {
  margin: 1rem 0 0; padding: .875rem 1.25rem; border: 1px dashed var(--ask); border-radius: .625rem; color: var(--ask);
}
section { margin-top: 2.25rem; }
section > h3, summary > h3 { margin: 0 0 .75rem; font-size: 1.125rem; font-weight: 650; letter-spacing: -.005em; }
section.forbidden, section.danger {
  padding: 1.25rem 1.5rem; border: 1px solid var(--stop); border-radius: .75rem; background: var(--card);
}
section.forbidden > h3, section.danger > h3 { color: var(--stop); }
section > h3 svg { width: 1rem; height: 1rem; margin-right: .5rem; vertical-align: -.1rem; fill: currentColor; }
section.danger p { margin: 0 0 .75rem; max-width: 46rem; }
section.forbidden > :last-child, section.danger > :last-child { margin-bottom: 0; }
p { max-width: 46rem; margin: 0 0 .75rem; }
ul { margin: 0; padding-left: 1.2rem; }
li { margin: .3rem 0; }
code {
  font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  padding: .1em .35em; border-radius: .3em; background: var(--code); unicode-bidi: isolate; overflow-wrap: anywhere;
}
summary { cursor: pointer; border-radius: .3rem; }
summary > h3 { display: inline; }
summary + * { margin-top: .75rem; }
:focus-visible { outline: 3px solid var(--ask); outline-offset: 2px; }
.number { color: var(--soft); font-weight: 400; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .625rem; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { padding: .6rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-size: .8125rem; font-weight: 600; white-space: nowrap; }
td code { padding: 0; background: none; }
code.short { white-space: nowrap; }
td { max-width: 26rem; }
td.first { font-weight: 600; white-space: nowrap; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 44rem) {
  main { padding: 1.25rem 1rem 3rem; }
  .verdict { padding: 1.125rem 1.25rem; }
  .verdict h2 { font-size: 1.4375rem; }
  section.forbidden, section.danger { padding: 1rem 1.125rem; }
  .scroll { border: 0; background: none; overflow: visible; }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr {
    border: 1px solid var(--line); border-radius: .625rem; background: var(--card); padding: .5rem 1rem;
    margin-bottom: .75rem;
  }
  td { display: grid; grid-template-columns: 5.75rem minmax(0, 1fr); gap: .75rem; padding: .3rem 0; border: 0; }
  td::before { content: attr(data-column); color: var(--soft); font-size: .8125rem; font-weight: 400; }
  td.empty { display: none; }
  td { max-width: none; }
  td code { overflow-wrap: anywhere; }
}
@media print {
  :root {
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #fff;
    --fine: #14653c; --fine-wash: #fff; --ask: #8a4b00; --ask-wash: #fff; --stop: #a3161f; --stop-wash: #fff;
  }
  @page { margin: 16mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  .skip { display: none; }
  .verdict { border: 1px solid var(--tone); border-left-width: .5rem; }
  .scroll { overflow: visible; }
  tr, li, .verdict { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
  code { padding: 0; }
  .review + .review { break-before: page; border: 0; margin: 0; padding: 0; }
}
"""
