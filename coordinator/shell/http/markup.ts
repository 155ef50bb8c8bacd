/** Letters that a badge or a list shows of a name. */
const nameMax = 48

/** What has no shape: also letters that are only there to be invisible, and the empty Braille. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu

/**
 * A text that somebody else chose, as it may stand in a picture or a list: without letters that
 * nobody sees or that turn those around them, without towers of accents, and cut.
 */
export function plain(text: string): string {
  const seen = text
    .slice(0, nameMax * 4)
    .replaceAll(unseen, '')
    .replaceAll(/\p{M}{3,}/gu, '')
    .trim()
  const letters = [...seen]
  return letters.length <= nameMax ? seen : `${letters.slice(0, nameMax).join('')}…`
}

/** Text within markup: in letters of ASCII alone, so that no encoding can be taken for another. */
export function inMarkup(text: string): string {
  return text.replaceAll(/[^ -~]|[&<>"']/gu, (letter) => `&#${letter.codePointAt(0) ?? 32};`)
}

/** The end of a key: those of one kind all begin alike. */
export function short(id: string): string {
  return `…${id.slice(-8)}`
}
