import { type Draft, descriptorForm, limits, parseDescriptor, refusalOf } from '@nexapod/specs'
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
} from 'yaml'
import { faultOf, faultsOf } from './fault.ts'
import { pathOf } from './path.ts'
import type { Fault, Path } from './told.ts'

/** The JSON Schema of a descriptor, or of a part of it. */
export type JsonSchema = typeof descriptorForm.json

/** A descriptor as text: what it says, and everything that is wrong with it, each at its place. */
export class Written {
  readonly text: string
  readonly document: Document.Parsed
  /** Whether it is YAML, so that a form of it can be shown. */
  readonly isYaml: boolean
  readonly faults: readonly Fault[]
  readonly draft: Draft | undefined

  constructor(text: string) {
    this.text = text
    this.document = parseDocument(text.slice(0, textMax), { prettyErrors: false })
    const errors = this.document.errors.map(({ message, pos: [from, to] }) => {
      return { ...faultOf(refusalOf('document.form', { detail: message })), from, to }
    })
    if (text.length > textMax) {
      errors.push({
        ...faultOf(refusalOf('bytes.too-large', { detail: `at most ${textMax} letters` })),
        ...{ from: textMax, to: text.length },
      })
    }
    this.isYaml = errors.length === 0
    if (!this.isYaml) {
      this.faults = errors
      return
    }
    const plain = plainOf(this.document)
    if (!plain.ok) {
      this.faults = [plain.fault]
      return
    }
    const parsed = parseDescriptor(plain.value)
    this.draft = parsed.ok ? parsed.value : undefined
    this.faults = faultsOf(parsed).map((fault) => ({ ...fault, ...this.#where(fault) }))
  }

  /** The text after a value was put at a path; none takes it away. */
  with(path: Path, value: unknown): string {
    const { document } = this
    const before = document.getIn(path, true)
    // What was empty had to stand in quotes, and need not any more.
    if (isScalar(before) && before.value === '') delete before.type
    if (value === undefined) document.deleteIn(path)
    else document.setIn(path, value)
    return document.toString({ lineWidth: 100 })
  }

  /** The letters of what stands at a path, of its key, or of the last part of it that is there. */
  rangeOf(path: Path, ofKey = false): { readonly from: number; readonly to: number } | undefined {
    let node: Node | null = this.document.contents
    let key: Node | undefined
    for (const step of path) {
      const pair = isMap(node) ? node.items.find((one) => nameOf(one.key) === `${step}`) : undefined
      const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value
      if (next === undefined && pair === undefined) break
      key = isNode(pair?.key) ? pair.key : undefined
      node = isNode(next) ? next : null
    }
    const found = ofKey || node === null ? (key ?? node) : node
    const [from, to] = found?.range ?? []
    if (from === undefined || to === undefined) return undefined
    return { from, to: Math.max(to, from + 1) }
  }

  #where({ code, at = '' }: Fault) {
    const isKey = code === 'document.unknown-key' || code === 'document.missing-key'
    return this.rangeOf(pathOf(at), isKey)
  }
}

/** Letters of a descriptor that are read: many times what the longest job is made of. */
const textMax = 16 * limits.jobBytesMax

/** The schema of what stands at a path, as far as it is known. */
export function schemaAt(
  path: Path,
  from: JsonSchema = descriptorForm.json,
): JsonSchema | undefined {
  let schema: unknown = from
  for (const step of path) schema = below(schema, step)
  return isSchema(schema) ? schema : undefined
}

/** The scalar, map or list that a text is in YAML; the text itself where it is none. */
export function nodeIn(text: string): unknown {
  const { contents, errors } = parseDocument(text)
  return errors.length === 0 && contents !== null ? contents : text
}

/** A scalar as it is written: of a number all its digits. */
export function scalarText({ value, source }: Scalar): string {
  if (typeof value === 'string') return value
  return source ?? (value === null || value === undefined ? '' : String(value))
}

/** The name that a key is. */
export function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}

/** Whether a value is a schema of its own. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function below(schema: unknown, step: string | number): unknown {
  if (!isSchema(schema)) return undefined
  const { properties, additionalProperties, items, oneOf } = schema
  if (typeof step === 'number') return items ?? firstOf(oneOf, step)
  const own = isSchema(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined
  return own ?? (isSchema(additionalProperties) ? additionalProperties : firstOf(oneOf, step))
}

function firstOf(schemas: unknown, step: string | number): unknown {
  if (!Array.isArray(schemas)) return undefined
  return schemas.map((one) => below(one, step)).find((one) => one !== undefined)
}

function plainOf(
  document: Document.Parsed,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: Fault } {
  try {
    return { ok: true, value: document.toJS() }
  } catch (cause) {
    // The library's way to say that aliases multiply, or name nothing.
    if (!(cause instanceof ReferenceError)) throw cause
    return { ok: false, fault: faultOf(refusalOf('document.form', { detail: cause.message })) }
  }
}
