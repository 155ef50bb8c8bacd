import { decode, digestHexOf, encode, inDomain } from '../bytes/bytes.ts'
import { toHex } from '../bytes/text.ts'
import type { Digest, PeerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { type Answer, accept, refuse } from '../refusal/refusal.ts'
import { list } from '../schema/list.ts'
import { bytes, int } from '../schema/scalar.ts'
import type { Schema } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { ed25519, type Signer } from './ed25519.ts'
import { leafHash, merkleTree, rootOfPath } from './merkle.ts'

declare const content: unique symbol

/** A kind of document that is signed: its domain, its schema, and who must sign one. */
export interface Document<T> {
  /** Names the kind and its version; no signature of one domain counts in another. */
  readonly domain: string
  readonly schema: Schema<T>
  /** The keys that must sign, in order: a function of the document, so never a question. */
  signers(value: T): readonly PeerId[]
}

/** A signed document as it travels. What it says can be had by `open` only. */
export interface Signed<T> {
  readonly body: Uint8Array
  readonly signatures: readonly Uint8Array[]
  /** Where the body stands in the batch that was signed at once, if it was. */
  readonly batch?: Batch
  readonly [content]?: T
}

/**
 * A signed document that was read: what it says was decoded then, and need not be once more. That
 * cannot be seen from outside, nor is it in a copy of the envelope.
 */
class Envelope<T> implements Signed<T> {
  readonly body: Uint8Array
  readonly signatures: readonly Uint8Array[]
  readonly batch?: Batch
  readonly #document: Document<T>
  readonly #says: T
  #id: Digest | undefined

  constructor({ body, signatures, batch }: Signed<T>, document: Document<T>, says: T) {
    this.body = body
    this.signatures = signatures
    if (batch !== undefined) this.batch = batch
    this.#document = document
    this.#says = says
  }

  /** What an envelope says, decoded now unless it was when it was read. */
  static says<T>(document: Document<T>, signed: Signed<T>): Answer<T> {
    const known = signed instanceof Envelope && signed.#document === document
    return known ? accept(signed.#says as T) : decode(document.schema, signed.body)
  }

  /** What an envelope is called by: of one that was read it is hashed once. */
  static id<T>(document: Document<T>, signed: Signed<T>): Digest {
    if (!(signed instanceof Envelope) || signed.#document !== document) {
      return idOf(document, signed.body)
    }
    signed.#id ??= idOf(document, signed.body)
    return signed.#id as Digest
  }
}

interface Batch {
  readonly index: number
  readonly size: number
  readonly path: readonly Uint8Array[]
}

/** Signs a document with the keys that must sign it. */
export function sign<T>(document: Document<T>, value: NoInfer<T>, ...signers: Signer[]): Signed<T> {
  const wanted = document.signers(value)
  if (wanted.length !== signers.length || wanted.some((id, i) => signers[i]?.id !== id)) {
    throw new Error(`${document.domain} is signed by ${wanted.join(', ')}`)
  }
  const body = encode(document.schema, value)
  const message = inDomain(document.domain, body)
  return { body, signatures: signers.map((signer) => signer.sign(message)) }
}

/** The signature of one of those who sign a document together, each where its key is. */
export function signPart<T>(document: Document<T>, value: NoInfer<T>, signer: Signer): Uint8Array {
  return signer.sign(inDomain(document.domain, encode(document.schema, value)))
}

/** A document with the signatures that were made of it apart, in the order of its signers. */
export function joinParts<T>(
  document: Document<T>,
  value: NoInfer<T>,
  signatures: readonly Uint8Array[],
): Signed<T> {
  return { body: encode(document.schema, value), signatures }
}

/** Whether a signature is that of one key under a document. */
export function isSignedBy<T>(
  document: Document<T>,
  value: NoInfer<T>,
  signer: PeerId,
  signature: Uint8Array,
): boolean {
  const message = inDomain(document.domain, encode(document.schema, value))
  return ed25519.verify(signer, message, signature)
}

/**
 * Signs many documents of one signer with one signature, over the root of a Merkle tree of their
 * bodies. Each can be opened, passed on and proven alone.
 */
export function signBatch<T>(
  document: Document<T>,
  values: readonly NoInfer<T>[],
  signer: Signer,
): Signed<T>[] {
  if (values.length > limits.batchMax) throw new RangeError(`at most ${limits.batchMax} a batch`)
  const bodies = values.map((value) => {
    const [only, ...others] = document.signers(value)
    if (only !== signer.id || others.length > 0) {
      throw new Error(`not all ${document.domain} are signed by ${signer.id} alone`)
    }
    return encode(document.schema, value)
  })
  if (bodies.length === 0) return []
  const { root, paths } = merkleTree(bodies.map(leafHash))
  const size = bodies.length
  const signatures = [signer.sign(batchMessage(document, size, root))]
  return bodies.map((body, index) => {
    return { body, signatures, batch: { index, size, path: paths[index] as Uint8Array[] } }
  })
}

/** A signature that is still to be verified, and what it has to be one of. */
export interface Unverified {
  readonly signer: PeerId
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** What a signed document says, once its bytes and every signature have been checked. */
export function open<T>(document: Document<T>, signed: Signed<T>): Answer<T> {
  const read = openUnverified(document, signed)
  if (!read.ok) return read
  const check = signed.batch === undefined ? ed25519.verify : verifyOnce
  for (const [i, { signer, message, signature }] of read.value.unverified.entries()) {
    if (!check(signer, message, signature)) {
      return refuse('signature.false', { at: `signatures[${i}]`, detail: `signer ${signer}` })
    }
  }
  return accept(read.value.says)
}

/**
 * What a signed document says if its signatures verify, which is left to whoever asks: a browser
 * verifies many of them at once, and waits for that.
 */
export function openUnverified<T>(
  document: Document<T>,
  signed: Signed<T>,
): Answer<{ readonly says: T; readonly unverified: readonly Unverified[] }> {
  const answer = Envelope.says(document, signed)
  if (!answer.ok) return answer
  const signers = document.signers(answer.value)
  if (signers.length !== signed.signatures.length || signers.length === 0) {
    const detail = `${signers.length} must sign, ${signed.signatures.length} did`
    return refuse('signature.count', { detail })
  }
  const message = messageOf(document, signed, signers.length)
  if (message === undefined) return refuse('signature.batch')
  const unverified = signers.map((signer, i) => {
    return { signer, message, signature: signed.signatures[i] as Uint8Array }
  })
  return accept({ says: answer.value, unverified })
}

/** A way to what a signed document says. */
export type Opening = <T>(document: Document<T>, signed: Signed<T>) => Answer<T>

/**
 * What a signed document says, without a look at its signatures. That is right in one case alone:
 * who reads it opened it before, and has kept it since where no other can change it, such as in
 * its own chain, whose every byte is held against a hash.
 */
export function reopen<T>(document: Document<T>, signed: Signed<T>): Answer<T> {
  return Envelope.says(document, signed)
}

/** What a signed document is called by: the digest of its body in its domain. */
export function idOfSigned<Id extends Digest, T>(document: Document<T>, signed: Signed<T>): Id {
  return Envelope.id(document, signed) as Id
}

/** What a document is called by: the digest of its body in its domain. */
export function idOf<Id extends Digest>(
  document: { readonly domain: string },
  body: Uint8Array,
): Id {
  return digestHexOf(document.domain, body) as Id
}

/** The schema of a signed document: in JSON its body can be read, in bytes it is as signed. */
export function signedSchema<T>(document: Document<T>, signersMax = 1): Schema<Signed<T>> {
  const { schema } = document
  const envelope = struct({
    body: bytes({ max: schema.bytesMax }),
    signatures: list(bytes({ size: 64 }), { min: 1, max: signersMax }),
    batch: optional(batchSchema),
  })
  const form = struct({
    body: schema,
    signatures: list(bytes({ size: 64 }), { min: 1, max: signersMax }),
    batch: optional(batchSchema),
  })
  return {
    ...envelope,
    json: form.json,
    read(from) {
      const start = from.at
      const value = envelope.read(from)
      // Nothing is verified here, but what was read can always be printed.
      const body = decode(schema, value.body)
      if (body.ok) return new Envelope(value, document, body.value)
      const { code, at, detail } = body.refusal
      const where = [at, detail].filter((part) => part !== undefined).join(': ')
      return from.refuse(code, `in its body: ${where}`, start)
    },
    parse(input, place) {
      const value = form.parse(input, place)
      return value === undefined ? undefined : { ...value, body: encode(schema, value.body) }
    },
    print(value) {
      const body = Envelope.says(document, value)
      if (!body.ok) throw new Error(`a body of ${document.domain} that was never opened`)
      return form.print({ ...value, body: body.value } as Parameters<typeof form.print>[0])
    },
  }
}

const batchSchema = struct({
  index: int({ min: 0, max: limits.batchMax - 1 }),
  size: int({ min: 1, max: limits.batchMax }),
  path: list(bytes({ size: 32 }), { max: limits.batchPathMax }),
})

/** The size is signed with the root: else one leaf and path would fit trees of several sizes. */
function batchMessage(
  document: { readonly domain: string },
  size: number,
  root: Uint8Array,
): Uint8Array {
  const message = new Uint8Array(4 + root.length)
  new DataView(message.buffer).setUint32(0, size)
  message.set(root, 4)
  return inDomain(`${document.domain}/batch`, message)
}

function messageOf<T>(
  document: Document<T>,
  signed: Signed<T>,
  signers: number,
): Uint8Array | undefined {
  const { batch, body } = signed
  if (batch === undefined) return inDomain(document.domain, body)
  if (signers !== 1) return undefined
  const root = rootOfPath(leafHash(body), batch.index, batch.size, batch.path)
  return root === undefined ? undefined : batchMessage(document, batch.size, root)
}

/** The signatures of the last batches that verified: the others of a batch need no second look. */
const verified = new Set<string>()
const verifiedMax = 1024

function verifyOnce(signer: PeerId, message: Uint8Array, signature: Uint8Array): boolean {
  const key = `${signer}/${toHex(signature)}/${toHex(message)}`
  if (verified.has(key)) return true
  if (!ed25519.verify(signer, message, signature)) return false
  if (verified.size >= verifiedMax) verified.clear()
  verified.add(key)
  return true
}
