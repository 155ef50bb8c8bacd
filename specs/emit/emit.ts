import { toHex } from '../bytes/text.ts'
import { seeds } from '../examples/cast.ts'
import { kinds } from '../examples/registry.ts'
import { descriptorForm } from '../job/descriptor.ts'
import type { Json, JsonSchema } from '../schema/schema.ts'
import { invitationVectors } from './invitations.ts'
import { treeVectors } from './tree.ts'
import { descriptorVectors, vectorsOf } from './vectors.ts'

const dialect = 'https://json-schema.org/draft/2020-12/schema'

/** Every file that is made from the schemas and examples: its path in specs/, and its text. */
export function emitted(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const rooms = Map.groupBy(kinds, (kind) => kind.room)
  for (const [room, members] of rooms) {
    for (const { name, schema } of members) {
      files.set(`${room}/${name}.schema.json`, schemaFile(name, schema.json))
    }
    const documents = Object.fromEntries(members.map((kind) => [kind.name, vectorsOf(kind)]))
    files.set(`${room}/vectors.json`, vectorFile(documents))
  }
  files.set('job/job.schema.json', schemaFile('job', descriptorForm.json))
  files.set('job/descriptor-vectors.json', vectorFile({ descriptor: descriptorVectors() }))
  files.set('mesh/invitation-vectors.json', vectorFile({ invitation: invitationVectors() }))
  files.set('state/tree-vectors.json', vectorFile({ tree: treeVectors() }))
  return files
}

function schemaFile(name: string, json: JsonSchema): string {
  const title = `NEXAPod ${name.replaceAll('-', ' ')}`
  return pretty({ $schema: dialect, title, ...json })
}

function vectorFile(documents: Json): string {
  const keys = Object.fromEntries([...seeds].map(([key, seed]) => [key, toHex(seed)]))
  return pretty({ about: 'How to read this: specs/README.md', seeds: keys, documents } as Json)
}

function pretty(json: Json): string {
  return `${JSON.stringify(json, null, 1)}\n`
}
