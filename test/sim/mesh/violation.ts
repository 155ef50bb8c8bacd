/** Something that must never be, with what it was. */
class Violation extends Error {
  override readonly name = 'Violation'
}

/** Says that something is, which must never be. */
export function violated(what: string): never {
  throw new Violation(what)
}
