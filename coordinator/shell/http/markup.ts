/** Text within markup: in letters of ASCII alone, so that no encoding can be taken for another. */
export function inMarkup(text: string): string {
  return text.replaceAll(/[^ -~]|[&<>"']/gu, (letter) => `&#${letter.codePointAt(0) ?? 32};`)
}

/** The end of a key: those of one kind all begin alike. */
export function short(id: string): string {
  return `…${id.slice(-8)}`
}
