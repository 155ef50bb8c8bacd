import { style } from './style.ts'

/** A part of a page, under a heading of its own. */
export interface Section {
  readonly title: string
  readonly about: string
  /** Tables and figures, as HTML, one beside the other as long as there is room. */
  readonly parts: readonly string[]
}

/** A cell of a table: its text, and what it says about a bar, if it does. */
export type Cell = string | { readonly text: string; readonly is: 'kept' | 'missed' }

/** A page that needs nothing but itself: it loads nothing and runs nothing. */
export function page(title: string, about: string, sections: readonly Section[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
<h1>${escaped(title)}</h1>
<p>${escaped(about)}</p>
${sections.map(sectionOf).join('\n')}
</html>
`
}

/** A table whose first column names the rows; the others are numbers, or as short. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = heads.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')
  const body = rows.map((cells) => `<tr>${cells.map(cellOf).join('')}</tr>`).join('\n')
  return `<div class="wide"><table><thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`
}

/** Text as HTML that shows just that text. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function sectionOf({ title, about, parts }: Section): string {
  return `<section><h2>${escaped(title)}</h2>
<p>${escaped(about)}</p>
<div class="parts">${parts.join('\n')}</div></section>`
}

function cellOf(cell: Cell, column: number): string {
  if (typeof cell !== 'string') return `<td class="${cell.is}">${escaped(cell.text)}</td>`
  return column === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`
}
