import { type Answer, accept, isBelow, limits, refuse } from '@nexapod/specs'

/** Whether a directory may have an entry of this name, beside those that it has already. */
export class Names {
  readonly #folded = new Set<string>()

  /** Takes a name, or refuses one that is no plain name or that some disk takes for another. */
  take(name: string, at: string): Answer<void> {
    if (name.includes('/') || !isBelow(name)) {
      return refuse('job.unsafe-path', { at, detail: `expected a plain name, found ${name}` })
    }
    const folded = name.toLowerCase()
    if (this.#folded.has(folded)) return refuse('job.path-collision', { at, detail: name })
    this.#folded.add(folded)
    return accept(undefined)
  }
}

/** A path below a root, if it has no more names and letters than a path may have. */
export function pathBelow(path: string, name: string): Answer<string> {
  const whole = path === '' ? name : `${path}/${name}`
  const deep = whole.split('/').length > limits.pathDepthMax
  if (deep || whole.length > limits.pathBytesMax) {
    return refuse('data.too-large', { at: whole, detail: 'the path is too long' })
  }
  return accept(whole)
}
