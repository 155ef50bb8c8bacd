import { encode } from '../bytes/bytes.ts'
import type { CoordinatorId, Digest } from '../id/id.ts'
import type { Change } from '../mesh/change.ts'
import {
  type Mesh,
  meshDocument,
  meshId,
  type RateCard,
  type Rates,
  type Roster,
  rateCardDocument,
  rosterDocument,
} from '../mesh/mesh.ts'
import { idOf, sign } from '../signed/signed.ts'
import { coordinators, ids, made, now } from './cast.ts'

/** What work earns in the examples: one credit for 10^12 fuel. */
export const rates: Rates = {
  microPerGigafuel: 1000,
  microPerCoreSecond: 1000,
  microPerGpuSecond: 20_000,
  bondMicro: 0,
  auditPermille: 50,
  settleMs: 86_400_000,
  apart: 'networks',
}

const members = coordinators.map((signer, i) => ({
  coordinator: signer.id as CoordinatorId,
  addresses: [`/dns4/c${i}.example.org/tcp/4001`, `/ip4/192.0.2.${i + 1}/tcp/4001`],
}))

/** A mesh of three coordinators. */
export const mesh: Mesh = {
  v: 1,
  name: 'example',
  founded: now - 86_400_000,
  nonce: made.nonce('mesh'),
  members,
  quorum: 2,
  rates,
  bootstrap: ['/ip4/192.0.2.1/tcp/4001'],
}

/** The same, signed by all three. */
export const signedMesh = sign(meshDocument, mesh, ...coordinators)

const amendment = {
  v: 1 as const,
  mesh: meshId(signedMesh),
  revision: 1,
  prev: meshId(signedMesh) as Digest,
  issued: now,
  signers: [ids.coordinator, ids.witness],
}

/** The roster without its third member. */
export const roster: Roster = { ...amendment, members: members.slice(0, 2), quorum: 2 }

/** The next change: a rate card that pays more for accelerators. */
export const rateCard: RateCard = {
  ...amendment,
  revision: 2,
  prev: idOf(rosterDocument, encode(rosterDocument.schema, roster)),
  rates: { ...rates, microPerGpuSecond: 30_000 },
}

/** The roster's change as its quorum signed it. */
export const signedRoster: Change = {
  type: 'roster',
  roster: sign(rosterDocument, roster, coordinators[0], coordinators[1]),
}

/** The rate card's change, the same way. */
export const signedRates: Change = {
  type: 'rates',
  rates: sign(rateCardDocument, rateCard, coordinators[0], coordinators[1]),
}
