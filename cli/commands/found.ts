import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { foundMesh, ratesFrom } from '@nexapod/coordinator/shell'
import { seedIn } from '@nexapod/mesh'
import {
  ed25519,
  encode,
  formatInvitation,
  limits,
  meshDocument,
  meshId,
  open,
  type Signer,
  signedSchema,
} from '@nexapod/specs'
import { print } from '../desk.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import type { Had } from './joined.ts'

interface Founder {
  readonly signer: Signer
  readonly addresses: string[]
}

/** Founds a mesh of several coordinators whose keys are all here, and says the invitation to it. */
export const found: Verb = async ({ words: [file = ''], options, form }, desk) => {
  const founders = await foundersOf(options.member as readonly string[] | undefined)
  if ('trouble' in founders) return founders.trouble
  const rates = ratesFrom(String(options.rates ?? '{}'))
  if (!rates.ok) return troubleOf('That is no rate card.', rates.refusal)
  const members = founders.value
  const founding = { name: String(options.name), rates: rates.value }
  const quorum = options.quorum === undefined ? undefined : Number(options.quorum)
  const signed = foundMesh(founding, members, Date.now(), quorum)
  if (!signed.ok) return troubleOf('There can be no such mesh.', signed.refusal)
  const opened = open(meshDocument, signed.value)
  if (!opened.ok) return troubleOf('There can be no such mesh.', opened.refusal)
  const bytes = encode(signedSchema(meshDocument, limits.rosterMax), signed.value)
  const written = await writeFile(file, bytes, { flag: 'wx' }).catch((cause: Error) => cause)
  if (written instanceof Error) {
    const next = 'name another file: whoever founds twice has two meshes'
    return { exit: exits.denied, what: 'No mesh was founded.', why: written.message, next }
  }
  const mesh = meshId(signed.value)
  const { name } = founding
  const invitation = formatInvitation({ v: 1, mesh, name, members: opened.value.members })
  await print(desk, form, { mesh, name, file, invitation }, [invitation])
  for (const { directory, addresses } of members) {
    const typed = `nexapod coordinator up --dir ${directory} --mesh-file ${file}`
    desk.stderr.write(`  next  ${typed}${listening(addresses)}\n`)
  }
  return undefined
}

/** What says where to listen, for an address whose port is not the usual one. */
function listening([address = '']: readonly string[]): string {
  const port = /\/tcp\/(\d+)/.exec(address)?.[1] ?? '4001'
  return port === '4001' ? '' : ` --listen /ip4/0.0.0.0/tcp/${port}`
}

/** Who founds, as `DIRECTORY@ADDRESS`, each address of a coordinator by itself. */
async function foundersOf(
  said: readonly string[] = [],
): Promise<Had<readonly (Founder & { readonly directory: string })[]>> {
  const founders = new Map<string, Founder & { readonly directory: string }>()
  for (const one of said) {
    const at = one.lastIndexOf('@')
    const [directory, address] = [one.slice(0, at), one.slice(at + 1)]
    if (at < 1 || !address.startsWith('/')) {
      return mistyped(`${one} is no member.`, 'it is DIRECTORY@/dns4/example.org/tcp/4001')
    }
    const seed = await seedIn(join(directory, 'key'))
    if (!seed.ok) return { trouble: troubleOf(`${directory} has no key.`, seed.refusal) }
    const signer = ed25519.signer(seed.value)
    const founder = founders.get(signer.id) ?? { signer, directory, addresses: [] }
    founder.addresses.push(address)
    founders.set(signer.id, founder)
  }
  if (founders.size > 0) return { value: [...founders.values()] }
  return mistyped('Nobody founds it.', 'there is no --member')
}

function mistyped(what: string, why: string): { readonly trouble: Trouble } {
  return { trouble: { exit: exits.usage, what, why, next: 'nexapod mesh found --help' } }
}
