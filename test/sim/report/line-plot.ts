import { escaped } from './page.ts'
import { scaleTo } from './scale.ts'

/** A line of a plot, its points from left to right. */
interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** What a plot shows. */
export interface LinePlot {
  readonly title: string
  /** What the x axis counts. */
  readonly along: string
  /** Up to four: no more can be told apart. */
  readonly lines: readonly Line[]
  /** What no line should pass, if there is such a thing. */
  readonly bar?: number
  /** Where the y axis begins: 0 but for what never comes near it. */
  readonly from?: number
  /** How the numbers of the two axes are written. */
  readonly writeX?: (x: number) => string
  readonly writeY?: (y: number) => string
}

const width = 336
const height = 170
const left = 48
const right = 20
const top = 10
const bottom = 34

/** Lines over what passes by, with a bar to hold them against. */
export function linePlot(plot: LinePlot): string {
  const { title, along, lines, bar, from = 0, writeX = String, writeY = String } = plot
  const points = lines.flatMap((line) => line.points)
  const xs = points.map(([x]) => x)
  const across = scaleTo(Math.min(...xs, 0), Math.max(...xs, 0), left, width - right)
  const ys = points.map(([, y]) => y)
  const up = scaleTo(from, Math.max(...ys, bar ?? from), height - bottom, top)
  const svg = [
    ...up.ticks.map((y) => {
      const at = up.place(y)
      const text = `x="${left - 6}" y="${at}" dy="4">${escaped(writeY(y))}</text>`
      return `${rule('grid', at)}<text class="end" ${text}`
    }),
    ...across.ticks.map((x) => {
      const at = across.place(x)
      const text = `x="${at}" y="${height - bottom + 14}">${escaped(writeX(x))}</text>`
      return `<text class="middle" ${text}`
    }),
    `<text class="end" x="${width - right}" y="${height - 4}">${escaped(along)}</text>`,
    bar === undefined ? '' : rule('bar', up.place(bar)),
    ...lines.map(({ points }, i) => {
      const path = points.map(([x, y]) => `${across.place(x)},${up.place(y)}`).join(' ')
      return `<polyline class="line" style="stroke: var(--line-${i})" points="${path}"/>`
    }),
    ...lines.flatMap(({ name, points }) => {
      return points.map(([x, y]) => {
        const says = escaped(`${name}: ${writeY(y)} at ${writeX(x)}`)
        const at = `cx="${across.place(x)}" cy="${up.place(y)}"`
        return `<circle class="point" r="4" ${at}><title>${says}</title></circle>`
      })
    }),
  ]
  return `<figure><figcaption>${escaped(title)}</figcaption>${names(lines)}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
${svg.join('\n')}</svg></figure>`
}

/** What the colours stand for, where there is more than one. */
function names(lines: readonly Line[]): string {
  if (lines.length < 2) return ''
  const all = lines.map(({ name }, i) => {
    return `<span><i style="background: var(--line-${i})"></i>${escaped(name)}</span>`
  })
  return `<div class="names">${all.join('')}</div>`
}

function rule(kind: string, y: number): string {
  return `<line class="${kind}" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/>`
}
