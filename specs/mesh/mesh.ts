import { type CoordinatorId, digest, type MeshId, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import type { Place } from '../schema/place.ts'
import { bytes, choice, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { type Struct, struct } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { where } from '../schema/where.ts'
import { type Document, idOf, type Signed } from '../signed/signed.ts'
import { time } from '../time.ts'

/** The schema of an address to dial: a multiaddr in its text form. */
export const address = text({
  pattern: '^/[a-z0-9-]+(?:/[A-Za-z0-9._:%=-]+)*$',
  name: 'a multiaddr such as /ip4/127.0.0.1/tcp/4001',
  min: 1,
  max: limits.addressBytesMax,
})

/** The schema of a member of a roster. */
export const memberSchema = struct({
  coordinator: peerId<CoordinatorId>(),
  addresses: list(address, { max: limits.addressesMax }),
})

/** Who is of a mesh, and how many of them are a quorum. */
export const rosterFields = {
  members: list(memberSchema, {
    min: 1,
    max: limits.rosterMax,
    about: 'In the order of their keys.',
  }),
  quorum: int({ min: 1, max: limits.rosterMax, about: 'How many must sign a change or a seal.' }),
}

type Membership = Struct<typeof rosterFields>

/** The schema of a rate card's rates. */
export const ratesSchema = struct(
  {
    microPerGigafuel: int({ min: 1, max: 10 ** 6, about: 'For 10^9 fuel of WebAssembly.' }),
    microPerCoreSecond: int({ min: 1, max: 10 ** 6, about: 'For a container, by what it asks.' }),
    microPerGpuSecond: int({ min: 1, max: 10 ** 8 }),
    bondMicro: int({ min: 0, max: 10 ** 12, about: 'What a node that is new leaves as a bond.' }),
    auditPermille: int({ min: 0, max: 1000, about: 'Accepted units that are run again.' }),
    settleMs: int({ min: 0, max: limits.windowMsMax, about: 'Until credit is final.' }),
    apart: choice(['owners', 'networks'], {
      about: 'What the votes of a quorum must differ in; on a LAN all share one network.',
    }),
  },
  { about: 'What work earns, and how it is checked: the same for everybody in the mesh.' },
)

/** The rate card of a mesh. */
export type Rates = Infer<typeof ratesSchema>

/** What fuel earns: rounded down, and at least one micro-credit for a unit that counts. */
export function earned(fuel: number, rates: Pick<Rates, 'microPerGigafuel'>): number {
  const { microPerGigafuel } = rates
  const whole = Math.floor(fuel / 10 ** 9) * microPerGigafuel
  return Math.max(1, whole + Math.floor(((fuel % 10 ** 9) * microPerGigafuel) / 10 ** 9))
}

/** What a unit of a container costs, by what it asks for and for how long: at least one. */
export function priced(
  { cores, gpus, unitMs }: { cores: number; gpus: number; unitMs: number },
  { microPerCoreSecond, microPerGpuSecond }: Rates,
): number {
  const microPerSecond = cores * microPerCoreSecond + gpus * microPerGpuSecond
  return Math.max(1, Number((BigInt(microPerSecond) * BigInt(unitMs)) / 1000n))
}

/**
 * What one interval of a container earns, of a price for the whole time that the unit may take:
 * rounded so that all intervals together are just the price.
 */
export function metered(priceMicro: number, unitMs: number, interval: number): number {
  const until = (intervals: number) => {
    const ms = Math.min(intervals * limits.meterMs, unitMs)
    return Number((BigInt(priceMicro) * BigInt(ms)) / BigInt(unitMs))
  }
  return until(interval + 1) - until(interval)
}

/** The schema of a mesh's name: a DNS label, for people. */
export const meshName = text({
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$',
  name: 'a name',
  max: 63,
})

const mesh = where(
  struct({
    v: constant(1),
    name: meshName,
    founded: time(),
    nonce: bytes({ size: 16 }),
    ...rosterFields,
    rates: ratesSchema,
    bootstrap: list(address, { max: limits.addressesMax }),
  }),
  checkRoster,
)

/** A mesh as it was founded: its first roster and rate card, and where to dial. */
export type Mesh = Infer<typeof mesh>

/** Signed by all of the first roster. */
export const meshDocument: Document<Mesh> = {
  domain: 'nexapod/mesh/1',
  schema: mesh,
  signers: ({ members }) => members.map((member) => member.coordinator),
}

/** What a mesh is called by, however its roster changes later. */
export function meshId(signed: Signed<Mesh>): MeshId {
  return idOf<MeshId>(meshDocument, signed.body)
}

/** What every change by a quorum of the roster has: its place in a line, and who signs. */
const amendmentFields = {
  v: constant(1),
  mesh: digest<MeshId>(),
  revision: int({
    min: 1,
    max: limits.entriesMax,
    about: 'One more than that of the last change.',
  }),
  prev: digest({ about: 'The digest of that change, or of the mesh before the first.' }),
  issued: time(),
  signers: list(peerId<CoordinatorId>(), {
    min: 1,
    max: limits.rosterMax,
    about: 'A quorum of the roster before the change, in the order of their keys.',
  }),
}

const roster = where(struct({ ...amendmentFields, ...rosterFields }), (value, place) => {
  checkSigners(value, place)
  checkRoster(value, place)
})

/** A change of the roster. */
export type Roster = Infer<typeof roster>

/** Signed by a quorum of the roster that it changes. */
export const rosterDocument: Document<Roster> = {
  domain: 'nexapod/roster/1',
  schema: roster,
  signers: ({ signers }) => signers,
}

const rateCard = where(struct({ ...amendmentFields, rates: ratesSchema }), checkSigners)

/** A change of the rate card. */
export type RateCard = Infer<typeof rateCard>

/** Signed by a quorum of the roster. */
export const rateCardDocument: Document<RateCard> = {
  domain: 'nexapod/rates/1',
  schema: rateCard,
  signers: ({ signers }) => signers,
}

/** The rule for those who sign together: each once, in the order of their keys. */
export function checkSigners(
  { signers }: { readonly signers: readonly CoordinatorId[] },
  place: Place,
): void {
  for (const [i, one] of signers.entries()) {
    const before = signers[i - 1]
    if (before === undefined || before < one) continue
    place.below('signers').below(i).fault('document.rule', 'keys ascend, each once')
  }
}

/**
 * How many of so many members are a quorum, at least. Any two quorums share an honest member, with
 * a third of the members lying, or each could seal a chain in its own way: 2 of 3, 3 of 4, 5 of 7.
 */
export function leastQuorum(members: number): number {
  const liars = Math.floor((members - 1) / 3)
  return Math.floor((members + liars) / 2) + 1
}

function checkRoster({ members, quorum }: Membership, place: Place): void {
  for (const [i, { coordinator }] of members.entries()) {
    const before = members[i - 1]
    if (before === undefined || before.coordinator < coordinator) continue
    place.below('members').below(i).fault('document.rule', 'keys ascend, each once')
  }
  const least = leastQuorum(members.length)
  if (quorum < least || quorum > members.length) {
    const detail = `${least} to ${members.length} of ${members.length} members`
    place.below('quorum').fault('document.rule', detail)
  }
}
