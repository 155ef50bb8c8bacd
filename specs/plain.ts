/** Letters that a list, a badge or a page shows of a name. */
const nameMax = 48

/** What has no shape: also letters that are only there to be invisible, and the empty Braille. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu

/**
 * A text that somebody else chose, as it may stand on a page, in a picture or a list: without
 * letters that nobody sees or that turn those around them, without towers of accents, and cut.
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
