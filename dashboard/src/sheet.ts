import type { Attested } from './audit/told.ts'
import { figureOf } from './figure.ts'
import { count, credits, plain } from './words.ts'

type Made = Attested & { readonly ok: true }

const serif = 'font-family="Iowan Old Style,Palatino Linotype,Palatino,Georgia,serif"'
const sans = 'font-family="ui-sans-serif,system-ui,sans-serif"'
const mono = 'font-family="ui-monospace,Menlo,Consolas,monospace"'
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const instants = new Intl.DateTimeFormat('en-GB', {
  ...{ dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' },
})

/** The place of a name within the frame. */
const nameWide = 164

/** How many letters of a line of names stand beside each other. */
const lineLetters = 64

/**
 * A certificate as a sheet of A4, to be printed: what the file beside it proves, and how to check
 * that. Nothing stands on it that the file does not prove but the name, which is said to be that.
 */
export function sheetOf(made: Made, name: string, file: string): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Key', made.owner],
    ['Mesh', made.mesh],
    ['Chain', made.chain],
    ['Checkpoint', made.checkpoint],
    ['Root of the state', made.root],
    ['Entries', count(made.size)],
    ['Signed', `${instants.format(made.time)} UTC`],
    ['Signed by', `${made.signers} of ${made.members} coordinators of the mesh`],
  ]
  const rows = facts.map(([what, value], i) => {
    const y = 187 + i * 6.6
    return small(y, what) + text(62, y, value, `${mono} font-size="2.75"`)
  })
  const command = lines(`nexapod ledger verify ${file} --roster roster.json`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" \
viewBox="0 0 210 297">
<title>Certificate of contribution</title>
${frame}
${praise(made, plain(name))}
<path d="M30 175H180M30 243H180" stroke="#dcd9cf" stroke-width=".3"/>
<g fill="#191a1c">
${rows.join('')}${small(250, 'Check it offline, with the file and the keys of the coordinators:')}
${command.map((line, i) => text(30, 257 + i * 4.5, line, `${mono} font-size="3"`)).join('')}
${small(272, 'Or drop the file on the page Ledger of any wall of this mesh.')}
</g>
</svg>
`
}

const frame = `<rect width="210" height="297" fill="#fffefb"/>
<rect x="14" y="14" width="182" height="269" fill="none" stroke="#0b6e5f" stroke-width=".6"/>
<rect x="16" y="16" width="178" height="265" fill="none" stroke="#dcd9cf" stroke-width=".3"/>
<g transform="translate(97 28) scale(.5)" fill="#0b6e5f"><circle cx="16" cy="6" r="4"/>\
<circle cx="24.7" cy="21" r="4"/><circle cx="7.3" cy="21" r="4"/>\
<circle cx="16" cy="16" r="2"/></g>`

/** What it is about, in the middle of the sheet: whose, and how much. */
function praise(made: Made, name: string): string {
  const { hue, cells } = figureOf(made.owner)
  const squares = cells.map(({ x, y }) => `<rect x="${x}" y="${y}" width="1.02" height="1.02"/>`)
  const title = name || `Key ${made.owner.slice(-8)}`
  const whose = name ? 'as its owner says; what is certified is the key below' : 'known by its key'
  const stands = made.isBond ? 'earned, kept as a bond' : 'final, unspent,'
  const when = `${stands} and on the ledger as of ${days.format(made.time)}`
  const soft = 'fill="#595c63"'
  return `<g text-anchor="middle" fill="#191a1c">
${text(105, 53, 'NEXAPod', `${sans} font-size="3.6" letter-spacing="1" ${soft}`)}
${text(105, 70, 'Certificate of contribution', `${serif} font-size="12"`)}
${text(105, 84, 'to results on which strangers’ machines agreed', `${serif} font-size="5" ${soft}`)}
<g transform="translate(95.2 94) scale(2.8)">
<rect width="7" height="7" rx=".8" fill="hsl(${hue} 35% 90%)"/>
<g transform="translate(1 1)" fill="hsl(${hue} 45% 36%)">${squares.join('')}</g></g>
${text(105, 131, title, `${serif} font-size="8.4"${within(title)}`)}
${text(105, 137.5, whose, `${sans} font-size="2.9" ${soft}`)}
${text(105, 155, `${credits(made.micro)} credits`, `${serif} font-size="14" fill="#0b6e5f"`)}
${text(105, 163, when, `${sans} font-size="3.4" ${soft}`)}
</g>`
}

/** A name that is wider than the frame is made narrower. */
function within(name: string): string {
  const wide = [...name].reduce((sum, letter) => sum + 8.4 * emsOf(letter), 0)
  return wide <= nameWide ? '' : ` textLength="${nameWide}" lengthAdjust="spacingAndGlyphs"`
}

/** About how wide a letter is, of fonts that nobody here has seen. */
function emsOf(letter: string): number {
  return letter >= '\u1100' ? 1 : /[\p{Lu}mw@%]/u.test(letter) ? 0.9 : 0.6
}

function small(y: number, words: string): string {
  return text(30, y, words, `${sans} font-size="3" fill="#595c63"`)
}

function text(x: number, y: number, words: string, looks: string): string {
  return `<text x="${x}" y="${y}" ${looks}>${marked(words)}</text>\n`
}

function lines(text: string): string[] {
  const parts: string[] = []
  for (const word of text.split(' ')) {
    const last = parts.at(-1)
    if (last !== undefined && last.length + word.length < lineLetters) {
      parts[parts.length - 1] = `${last} ${word}`
    } else parts.push(word)
  }
  return parts
}

/** Text within markup. */
function marked(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
