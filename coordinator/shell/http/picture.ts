import type { Infer } from '@nexapod/specs'
import { plain } from '@nexapod/specs/plain'
import { inMarkup, short } from './markup.ts'
import { grouped } from './renown.ts'
import type { shapes } from './shapes.ts'

/** An owner, as far as pictures show it. */
type Shown = Pick<
  Infer<typeof shapes.Owner>,
  'id' | 'name' | 'micro' | 'recentMicro' | 'places' | 'owners' | 'streak' | 'jobs'
>

/** The pictures that there are of an owner. */
export const pictures = ['credits', 'place', 'streak', 'jobs', 'signature'] as const

type Badge = Exclude<(typeof pictures)[number], 'signature'>

const ink = '#191a1c'
const soft = '#595c63'
const good = '#0b6e5f'
const paper = '#fffefb'
const line = '#dcd9cf'
const sans = '"ui-sans-serif,system-ui,sans-serif"'
const font = `font-family=${sans} font-variant-numeric="tabular-nums"`
/** The place of a name, up to what stands beside it. */
const nameWide = 276
const mark = `<circle cx="16" cy="6" r="4"/><circle cx="24.7" cy="21" r="4"/>\
<circle cx="7.3" cy="21" r="4"/><circle cx="16" cy="16" r="2"/>`

/** A picture of an owner, for pages elsewhere: shapes and text, and nothing that runs or loads. */
export function pictureOf(
  kind: (typeof pictures)[number],
  owner: Shown,
  days: readonly number[],
): string {
  return kind === 'signature' ? signature(owner, days) : badge(kind, owner)
}

function badge(kind: Badge, owner: Shown): string {
  const said = wordsOf(kind, owner)
  const [left, right] = ['NEXAPod', said].map((text) => text.length * 6.4 + 14) as [number, number]
  const from = left + 14
  const title = `${plain(owner.name ?? '') || short(owner.id)}: ${said}`
  return svg(
    { wide: Math.ceil(left + right + 14), tall: 24, title },
    `<rect width="100%" height="24" rx="5" fill="${ink}"/>
<path d="M${from} 0h${right - 5}a5 5 0 0 1 5 5v14a5 5 0 0 1-5 5H${from}z" fill="${good}"/>
<g transform="translate(4 3) scale(.56)" fill="#5fd3ba">${mark}</g>
<g ${font} font-size="12" fill="#fff">${text(25, 16, 'NEXAPod', left - 12)}
${text(from + 7, 16, said, right - 14)}</g>`,
  )
}

function wordsOf(kind: Badge, { micro, places, owners, streak, jobs }: Shown): string {
  switch (kind) {
    case 'credits':
      return `${credits(micro)} credits`
    case 'place':
      return places.all === undefined
        ? 'no place'
        : `place ${grouped(places.all)} of ${grouped(owners)}`
    case 'streak':
      return `${grouped(streak.now)} days in a row`
    case 'jobs':
      return `${grouped(jobs)} jobs helped`
  }
}

/** Thirty days and what they came to: to stand below what somebody writes elsewhere. */
function signature(owner: Shown, days: readonly number[]): string {
  const name = plain(owner.name ?? '') || short(owner.id)
  const most = Math.max(1, ...days)
  const bars = days.map((micro, i) => {
    const tall = Math.max(1, Math.round((Math.max(0, micro) / most) * 30))
    return `<rect x="${344 + i * 3.6}" y="${64 - tall}" width="2.6" height="${tall}" rx=".5"/>`
  })
  const figures = [
    ['credits', credits(owner.micro)],
    ['recent, a day', credits(owner.recentMicro)],
    ['place', owner.places.all === undefined ? '–' : grouped(owner.places.all)],
  ].map(([label = '', value = ''], i) => {
    const x = 56 + i * 96
    return `<text x="${x}" y="51" font-size="16" fill="${ink}">${inMarkup(value)}</text>
<text x="${x}" y="66" font-size="10" fill="${soft}">${inMarkup(label)}</text>`
  })
  return svg(
    { wide: 468, tall: 80, title: `${name} computes for science on NEXAPod` },
    `<rect x=".5" y=".5" width="467" height="79" rx="8" fill="${paper}" stroke="${line}"/>
<g transform="translate(12 12)" fill="${good}">${mark}</g>
<g ${font}>
<text x="56" y="26" font-size="13" font-weight="600" fill="${ink}"${within(name)}>\
${inMarkup(name)}</text>
${figures.join('\n')}
<text x="344" y="26" font-size="10" fill="${soft}">thirty days</text></g>
<g fill="${good}">${bars.join('')}</g>`,
  )
}

/** Beside a name stands something else: one that is too long for its place is made narrower. */
function within(name: string): string {
  const wide = [...name].reduce((sum, letter) => sum + 13 * emsOf(letter), 0)
  return wide <= nameWide ? '' : ` textLength="${nameWide}" lengthAdjust="spacingAndGlyphs"`
}

/** About how wide a letter is, of fonts that nobody here has seen. */
function emsOf(letter: string): number {
  return letter >= '\u1100' ? 1 : /[\p{Lu}mw@%]/u.test(letter) ? 0.9 : 0.6
}

function svg(
  { wide, tall, title }: { readonly wide: number; readonly tall: number; readonly title: string },
  inside: string,
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${tall}" \
viewBox="0 0 ${wide} ${tall}" role="img"><title>${inMarkup(title)}</title>
${inside}
</svg>
`
}

function text(x: number, y: number, words: string, wide: number): string {
  // Whatever font there is, it fills the place that was left for it.
  return `<text x="${x}" y="${y}" textLength="${Math.round(wide)}">${inMarkup(words)}</text>`
}

/** Micro-credits as credits, and never less than there is. */
function credits(micro: number): string {
  const value = micro / 1e6
  if (value >= 1000) return grouped(value)
  if (value >= 1) return value.toFixed(2)
  return value === 0 ? '0' : value.toPrecision(2)
}
