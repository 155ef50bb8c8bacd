import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCosigned } from '@nexapod/ledger'
import {
  type CoordinatorId,
  type Mesh,
  meshDocument,
  type Signed,
  sign,
  toHex,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed, seedNamed, usualRates } from '../../test/cast.ts'
import { freePorts } from '../../test/ports.ts'
import { coordinatorIn, Folders, jobOf, targetOf, valued } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { welcomed } from '../../test/welcomed.ts'
import type { Coordinator } from '../coordinator.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const names = ['kim', 'lea', 'mia']
const right = { units: 4, says: () => 'right' }

interface Place {
  readonly name: string
  readonly directory: string
  readonly address: string
  readonly mesh: Signed<Mesh>
}

/** A mesh of three that they have signed, and where each of them is. */
async function founded(): Promise<Place[]> {
  const free = await freePorts(names.length)
  const places = names.map((name, i) => {
    return { name, signer: keyNamed(name), address: `/ip4/127.0.0.1/tcp/${free[i]}` }
  })
  const ordered = places.toSorted((a, b) => (a.signer.id < b.signer.id ? -1 : 1))
  const mesh = sign(
    meshDocument,
    {
      v: 1,
      name: 'three',
      founded: Date.now(),
      nonce: new Uint8Array(16),
      members: ordered.map(({ signer, address }) => {
        return { coordinator: signer.id as CoordinatorId, addresses: [address] }
      }),
      quorum: 2,
      rates: usualRates,
      bootstrap: [],
    },
    ...ordered.map(({ signer }) => signer),
  )
  return await Promise.all(
    places.map(async ({ name, address }) => {
      const directory = folders.next()
      await mkdir(directory)
      const key = join(directory, 'key')
      await writeFile(key, `${toHex(seedNamed(name))}\n`, { mode: 0o600 })
      return { name, directory, address, mesh }
    }),
  )
}

function opened({ directory, address, mesh }: Place): Promise<Coordinator> {
  return coordinatorIn(directory, { mesh, listen: [address] })
}

describe('three coordinators', () => {
  test('cosign each other, and a node forgets what two of them have signed', async () => {
    const places = await founded()
    const [kim, lea, mia] = places as [Place, Place, Place]
    await using _lea = await opened(lea)
    {
      // Lea alone is no quorum: however long it takes, nobody goes on with what kim writes.
      await using _mia = await opened(mia)
      await using home = await opened(kim)
      await using ann = await ScriptedNode.open('ann', targetOf(home), right)
      await welcomed(ann)
      const { signed } = jobOf(home.chain, 1, { quorum: 1 })
      valued(await ann.ask({ type: 'publish', job: signed }))
      const decided = await ann.hears('decided')
      const { members, quorum } = valued(await home.view.governance())
      const cosigned = openCosigned({ members, quorum }, decided.checkpoint, decided.cosignatures)
      expect(valued(cosigned).chain).toBe(home.chain)
      expect(decided.cosignatures.length).toBeGreaterThan(0)
    }
    // It asks what they have seen before it signs again, and they know.
    await using again = await opened(kim)
    await using _mia = await opened(mia)
    const { size } = valued(await again.view.status())
    await using bob = await ScriptedNode.open('bob', targetOf(again), right)
    await welcomed(bob)
    valued(await bob.ask({ type: 'publish', job: jobOf(again.chain, 2, { quorum: 1 }).signed }))
    const { checkpoint, cosignatures } = await bob.hears('decided')
    const { members, quorum } = valued(await again.view.governance())
    const cosigned = openCosigned({ members, quorum }, checkpoint, cosignatures)
    expect(valued(cosigned).size).toBeGreaterThan(size)
  })
})
