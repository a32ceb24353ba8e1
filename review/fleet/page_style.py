"""How the fleet's page looks beside what it shares with reviews: controls, order of columns, cards on a telephone."""

from review.page_style import STYLE as SHARED

STYLE = (
    SHARED
    + """
main { max-width: 100rem; }
h1.title { margin: 0; font-size: 1.75rem; font-weight: 650; letter-spacing: -.012em; }
.stacks { margin: 1rem 0 0; padding: 0; list-style: none; color: var(--soft); font-size: .9375rem; }
.stacks .gap { color: var(--ask); }
.controls { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: center; margin: 1.5rem 0 .75rem; }
.controls[hidden] { display: none; }
.controls input[type=search], .controls select {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .5rem .75rem; min-height: 2.75rem;
}
.controls input[type=search] { flex: 1 1 16rem; min-width: 0; max-width: 30rem; }
.controls label { display: inline-flex; gap: .5rem; align-items: center; min-height: 2.75rem; }
.controls input[type=checkbox] { width: 1.25rem; height: 1.25rem; accent-color: var(--ask); }
.controls .order { display: none; }
#shown { color: var(--soft); font-size: .9375rem; font-variant-numeric: tabular-nums; }
th button {
  font: inherit; color: inherit; background: none; border: 0; margin: -.35rem -.4rem; padding: .35rem .4rem;
  border-radius: .3rem; cursor: pointer; white-space: nowrap;
}
th button::after { content: "\\2002"; }
th[aria-sort=ascending] button::after { content: "\\2002\\25B2"; }
th[aria-sort=descending] button::after { content: "\\2002\\25BC"; }
tr[hidden] { display: none; }
tr.look td.first { box-shadow: inset .25rem 0 0 var(--ask); }
td.drift, td.no { color: var(--ask); }
td[data-kind=number] { font-variant-numeric: tabular-nums; white-space: nowrap; }
td .labels { color: var(--soft); font-weight: 400; white-space: normal; display: block; font-size: .8125rem; }
@media (max-width: 44rem) {
  .controls .order { display: inline-flex; flex: 1 1 100%; }
  .controls .order select { flex: 1; min-width: 0; }
  .controls input[type=search] { flex-basis: 100%; max-width: none; }
  tr[hidden] { display: none; }
  tr.look { border-left: .25rem solid var(--ask); }
  tr.look td.first { box-shadow: none; }
  td.first { white-space: normal; }
}
@media print { .controls { display: none; } th button::after { content: ""; } }
"""
)
