import { descriptorForm } from '@nexapod/specs'
import { isMap, isScalar, isSeq, stringify } from 'yaml'
import type { Addable, Field, Path } from './told.ts'
import {
  isSchema,
  type JsonSchema,
  nameOf,
  nodeIn,
  scalarText,
  schemaAt,
  type Written,
} from './written.ts'

/** The form of a descriptor: a field for all that it says, and what may be added to it. */
export function formOf({ document }: Written): Field {
  return fieldOf(document.contents, descriptorForm.json, [], '', false)
}

/** What a form writes at a path, from what was typed there. */
export function typedAt(path: Path, typed: string): unknown {
  switch (kindOf(schemaAt(path))) {
    case 'number':
    case 'raw':
      return nodeIn(typed)
    case 'choice':
      return typed === 'true' || typed === 'false' ? typed === 'true' : typed
    case 'list':
    case 'map':
    case 'line':
    case 'lines':
      return typed
  }
}

/** What is there of a key or an item that was just added. */
export function blankAt(path: Path): unknown {
  return blankOf(schemaAt(path))
}

function fieldOf(
  node: unknown,
  schema: JsonSchema | undefined,
  path: Path,
  label: string,
  isRemovable: boolean,
): Field {
  const about = typeof schema?.description === 'string' ? schema.description : ''
  const kind = kindOf(schema)
  const isWhole = (kind === 'map' && isMap(node)) || (kind === 'list' && isSeq(node))
  const hasParts = kind === 'map' || kind === 'list'
  const value = hasParts && isWhole ? '' : shownOf(node, kind)
  const isLong = kind === 'line' && (longTexts.includes(path.at(-1)) || value.includes('\n'))
  return {
    ...{ path, label, about, isRemovable },
    // What is of another kind than it should be is shown as it stands.
    kind: hasParts && !isWhole && node ? 'raw' : isLong ? 'lines' : kind,
    value,
    choices: choicesOf(schema),
    fields: partsOf(node, schema, path),
    addable: addableTo(node, schema, kind),
    hasNames: kind === 'map' && isSchema(schema?.additionalProperties),
    isSource: isSourcePath(path),
  }
}

function partsOf(node: unknown, schema: JsonSchema | undefined, path: Path): readonly Field[] {
  if (isSeq(node)) {
    const item = isSchema(schema?.items) ? schema.items : undefined
    return node.items.map((one, i) => {
      return fieldOf(one, item, [...path, i], `${i + 1}`, true)
    })
  }
  if (!isMap(node)) return []
  const { required = [] } = schema ?? {}
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name)
  return node.items.flatMap(({ key, value }) => {
    const name = nameOf(key)
    const inside = schemaAt([name], schema)
    // There is one version, so nothing to choose.
    if (inside?.const !== undefined) return []
    return [fieldOf(value, inside, [...path, name], name, !isRequired(name))]
  })
}

function addableTo(node: unknown, schema: JsonSchema | undefined, kind: Field['kind']): Addable[] {
  if (kind === 'list') {
    const about = isSchema(schema?.items) ? schema.items.description : ''
    return [{ key: '', about: typeof about === 'string' ? about : '' }]
  }
  const { properties } = schema ?? {}
  if (kind !== 'map' || !isSchema(properties)) return []
  return Object.entries(properties).flatMap(([key, inside]) => {
    if (isMap(node) && node.has(key)) return []
    const about = isSchema(inside) ? inside.description : ''
    return [{ key, about: typeof about === 'string' ? about : '' }]
  })
}

function kindOf(schema: JsonSchema | undefined): Field['kind'] {
  if (schema === undefined || (schema.oneOf !== undefined && schema.type === undefined))
    return 'raw'
  if (choicesOf(schema).length > 0) return 'choice'
  switch (schema.type) {
    case 'object':
      return 'map'
    case 'array':
      return 'list'
    case 'number':
    case 'integer':
      return 'number'
    case 'string':
      return 'line'
    default:
      return 'raw'
  }
}

/** Keys whose texts people write in more than one line. */
const longTexts: readonly unknown[] = ['description', 'content']

function choicesOf(schema: JsonSchema | undefined): readonly string[] {
  if (schema?.type === 'boolean') return ['true', 'false']
  return Array.isArray(schema?.enum) ? schema.enum.map(String) : []
}

function isSourcePath(path: Path): boolean {
  const last = path.at(-1)
  return last === 'module' || (last === 'url' && path[0] === 'inputs')
}

function shownOf(node: unknown, kind: Field['kind']): string {
  // Where a text and a number are not the same, the one in quotes is shown in quotes.
  if (isScalar(node) && kind !== 'raw') return scalarText(node)
  if (node === null || node === undefined) return ''
  return stringify(node, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}

function blankOf(schema: JsonSchema | undefined): unknown {
  if (schema === undefined) return ''
  if (schema.oneOf !== undefined && schema.type === undefined) return { from: 1, to: 10 }
  switch (kindOf(schema)) {
    case 'map':
      return blankMap(schema)
    case 'list':
      return typeof schema.minItems === 'number' && isSchema(schema.items)
        ? [blankOf(schema.items)]
        : []
    case 'number':
      return typeof schema.minimum === 'number' ? Math.max(1, Math.ceil(schema.minimum)) : 1
    case 'choice':
      return schema.type === 'boolean' ? true : choicesOf(schema)[0]
    case 'line':
    case 'lines':
    case 'raw':
      return ''
  }
}

function blankMap(schema: JsonSchema): Record<string, unknown> {
  const { required = [], oneOf = [] } = schema
  // Of what excludes each other the first, as most people want it.
  const [first] = Array.isArray(oneOf) ? oneOf : []
  const either = isSchema(first) && Array.isArray(first.required) ? first.required : []
  const keys = [...(Array.isArray(required) ? required : []), ...either].map(String)
  return Object.fromEntries(keys.map((key) => [key, blankOf(schemaAt([key], schema))]))
}
