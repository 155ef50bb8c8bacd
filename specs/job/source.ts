import { fromBase64url, fromHex } from '../bytes/text.ts'
import { type Cid, cidBytes, type Digest } from '../id/id.ts'
import { limits } from '../limits.ts'
import { mapped } from '../schema/mapped.ts'
import { found, type Place } from '../schema/place.ts'
import type { Form, Notes } from '../schema/schema.ts'
import { text } from '../schema/text.ts'
import { literalLength } from './template.ts'

/**
 * Where the bytes of an input come from. A job holds the first three; the others are what people
 * write, and become CIDs before the job is signed: a volunteer's machine fetches by CID only.
 */
export type Source =
  | { readonly type: 'cid'; readonly cid: Cid; readonly below?: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'path'; readonly path: string; readonly below?: string }
  | { readonly type: 'https'; readonly url: string; readonly sha256: Digest }

/** A source as people write it. */
export function sourceForm(notes: Notes): Form<Source> {
  const plain = text({ kind: 'raw', min: 1, max: limits.sourceBytesMax, ...notes })
  return {
    json: plain.json,
    parse(input, place) {
      const written = plain.parse(input, place)
      return written === undefined ? undefined : parseSource(written, place)
    },
  }
}

/** The source of a program: a file of its own, so nothing below it and nothing to fill in. */
export function programForm(notes: Notes): Form<Source> {
  return mapped(sourceForm(notes), (source, place) => {
    const whole = source.type !== 'text' && source.type !== 'bytes'
    if (whole && !('below' in source)) return source
    return place.fault('job.source', 'expected a file of its own: ./path, ipfs://CID or https://')
  })
}

function parseSource(written: string, place: Place): Source | undefined {
  if (written.startsWith('ipfs://')) return ipfsSource(written, place)
  if (written.startsWith('https://')) return httpsSource(written, place)
  if (written.startsWith('data:')) return dataSource(written, place)
  if (/^[a-z][a-z0-9+.-]*:/i.test(written)) {
    return place.fault('job.source', `cannot fetch ${found(written)}`)
  }
  return pathSource(written, place)
}

function ipfsSource(written: string, place: Place): Source | undefined {
  const [cid = '', ...names] = written.slice('ipfs://'.length).split('/')
  if (cidBytes(cid) === undefined) {
    return place.fault('document.form', `expected ipfs:// and a CID, found ${found(written)}`)
  }
  const below = names.join('/')
  return { type: 'cid', cid: cid as Cid, ...(below === '' ? {} : { below }) }
}

function httpsSource(written: string, place: Place): Source | undefined {
  const [url = '', pinned = '', more] = written.split('#sha256=')
  if (
    !URL.canParse(url) ||
    /[@\s]/.test(url) ||
    pinned.length !== 64 ||
    !fromHex(pinned) ||
    more !== undefined
  ) {
    const wrong = 'expected https://...#sha256= and 64 hexadecimal digits, without a password'
    return place.fault('job.source', `${wrong}, found ${found(written)}`)
  }
  if (url.includes('{{')) {
    return place.fault('job.source', 'an address has one digest, so nothing can be filled into it')
  }
  return { type: 'https', url, sha256: pinned as Digest }
}

function dataSource(written: string, place: Place): Source | undefined {
  const comma = written.indexOf(',')
  const bytes =
    comma !== -1 && written.slice(0, comma).endsWith(';base64')
      ? fromBase64(written.slice(comma + 1))
      : undefined
  if (bytes === undefined) return place.fault('job.source', 'expected data:...;base64,...')
  if (bytes.length <= limits.contentBytesMax) return { type: 'bytes', bytes }
  const detail = `at most ${limits.contentBytesMax} bytes in a job, found ${bytes.length}`
  return place.fault('document.bounds', detail)
}

/** Data URLs hold the ordinary alphabet of base 64, padded. */
function fromBase64(digits: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits) || digits.length % 4 !== 0) return undefined
  return fromBase64url(digits.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))
}

function pathSource(written: string, place: Place): Source | undefined {
  const path = written.replace(/^(?:\.\/)+/, '')
  const names = path.replace(/\/$/, '').split('/')
  const unsafe = names.some((name) => name === '..' || name === '' || name === '.')
  if ((unsafe && path !== '.') || hasUnseen(path) || path.includes('\\')) {
    const wrong = 'expected a relative path that stays in the directory of the descriptor'
    return place.fault('job.unsafe-path', `${wrong}, found ${found(written)}`)
  }
  const literal = literalLength(path)
  if (literal === path.length) return { type: 'path', path }
  const slash = path.lastIndexOf('/', literal)
  return {
    type: 'path',
    path: slash === -1 ? '.' : path.slice(0, slash),
    below: path.slice(slash + 1),
  }
}

function hasUnseen(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true
  }
  return false
}
