/** How a page looks: by day and by night as the reader's system says, its figures in columns. */
export const style = `
:root { color-scheme: light dark; --page: #fcfcfb; --ink: #0b0b0b; --soft: #52514e;
  --grid: #e4e3df; --kept: #006300; --missed: #b3261e;
  --line-0: #2a78d6; --line-1: #1baf7a; --line-2: #eda100; --line-3: #4a3aa7; }
@media (prefers-color-scheme: dark) {
  :root { --page: #1a1a19; --ink: #ffffff; --soft: #c3c2b7;
    --grid: #383835; --kept: #4cc38a; --missed: #ff8a80;
    --line-0: #3987e5; --line-1: #199e70; --line-2: #c98500; --line-3: #9085e9; }
}
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 0; }
p { margin: .25rem 0 1rem; color: var(--soft); max-width: 44rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; }
th, td { padding: .2rem .75rem; text-align: right; white-space: nowrap; }
th { font-weight: 500; }
tr > :first-child { padding-left: 0; text-align: left; }
thead th { color: var(--soft); }
tbody tr { border-top: 1px solid var(--grid); }
.kept { color: var(--kept); }
.missed { color: var(--missed); font-weight: 600; }
.parts { display: flex; flex-wrap: wrap; gap: 1.5rem 2rem; align-items: flex-start; }
figure { margin: 0; width: 21rem; max-width: 100%; }
figcaption { font-size: .875rem; font-weight: 500; }
.names { display: flex; gap: 1rem; font-size: .75rem; color: var(--soft); }
.names i { display: inline-block; width: .75rem; height: 2px; margin-right: .35rem;
  vertical-align: middle; }
svg { display: block; width: 100%; height: auto; }
text { fill: var(--soft); font-size: 11px; }
text.end { text-anchor: end; }
text.middle { text-anchor: middle; }
.grid { stroke: var(--grid); }
.bar { stroke: var(--missed); stroke-dasharray: 4 3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.point { fill: transparent; }
.point:hover { fill: var(--ink); }
.length { fill: var(--line-0); }
`
