import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { openFork } from '../../ledger/index.ts'
import { type HostedMesh, openMesh } from '../../mesh/index.ts'
import { digestText, type MeshId } from '../../specs/index.ts'
import type { Figure } from './harness.ts'

const rounds = 9
const perRound = 40

/** Connections that are made and closed again, both ends in one process, beside TLS over TCP. */
export async function figures(): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack()
  const mesh = digestText<MeshId>(randomBytes(32))
  const open = async (listen: readonly string[], known: readonly string[]) => {
    const bounds = { connectionsPerSecondMax: 1_000_000 }
    const common = { mesh, listen, known, roster: [], openFork, now: Date.now, bounds }
    return stack.use(await openMesh({ ...common, seed: randomBytes(32) }))
  }
  const coordinator = await open(['/ip4/127.0.0.1/tcp/0'], [])
  const node = await open([], coordinator.addresses())
  const tls = stack.use(await listening())
  const samples: [number[], number[]] = [[], []]
  const runs = [() => dialled(node, coordinator), () => connected(tls.port)] as const
  for (let round = -1; round < rounds; round++) {
    for (const [i, run] of runs.entries()) {
      const start = performance.now()
      for (let n = 0; n < perRound; n++) await run()
      if (round >= 0) samples[i]?.push(((performance.now() - start) * 1000) / perRound)
    }
  }
  const [us = 0, besideUs = 0] = samples.map((all) => all.toSorted((a, b) => a - b)[rounds >> 1])
  const name = 'a connection, made and closed'
  const perSecond = Math.round(1e6 / us)
  return [{ name, us, perSecond, beside: 'TLS over TCP', besideUs, ratio: us / besideUs }]
}

async function dialled(node: HostedMesh, coordinator: HostedMesh): Promise<void> {
  const answer = await node.dial(
    coordinator.peer,
    coordinator.addresses(),
    AbortSignal.timeout(10_000),
  )
  if (!answer.ok) throw new Error(answer.refusal.detail)
  const { libp2p } = node.host
  await libp2p.hangUp(libp2p.getPeers()[0] as ReturnType<typeof libp2p.getPeers>[0])
}

async function listening(): Promise<AsyncDisposable & { readonly port: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'nexapod-tls-'))
  const [key, cert] = [join(directory, 'key'), join(directory, 'cert')]
  const make = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=localhost']
  execFileSync('openssl', [...make, '-keyout', key, '-out', cert], { stdio: 'pipe' })
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    socket.on('data', () => {}).on('end', () => socket.end())
  })
  rmSync(directory, { recursive: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

/** Nobody's name is checked here: noise checks a key, and this yardstick is a little too short. */
async function connected(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const closed = once(socket, 'close')
  socket.end()
  await closed
}
