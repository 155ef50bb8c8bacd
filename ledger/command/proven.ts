import {
  type Answer,
  accept,
  type CoordinatorId,
  certificateSchema,
  cosignatureDocument,
  decode,
  entrySchema,
  open,
  toJson,
} from '@nexapod/specs'
import { type Certified, openCertificate } from '../certificate/certificate.ts'
import type { Electorate } from '../chain/governance.ts'
import { factLine } from './fact-line.ts'
import { count, counted, credits, instant } from './figures.ts'
import { votes } from './signed-here.ts'

/** What a certificate proves: for people, as rows, and for programs. */
export interface Proven {
  readonly rows: readonly (readonly [label: string, said: string])[]
  readonly json: object
}

/** Checks a certificate with nothing but a roster, and says what it proves. */
export function proven(electorate: Electorate, file: Uint8Array): Answer<Proven> {
  const opened = openCertificate(electorate, file)
  if (!opened.ok) return opened
  const read = decode(certificateSchema, file)
  if (!read.ok) return read
  const witnesses: CoordinatorId[] = []
  for (const one of read.value.cosignatures) {
    const cosignature = open(cosignatureDocument, one)
    if (!cosignature.ok) return cosignature
    witnesses.push(cosignature.value.witness)
  }
  return accept(said(opened.value, witnesses, electorate))
}

function said(certified: Certified, witnesses: CoordinatorId[], electorate: Electorate): Proven {
  const { checkpoint, balance, entry, delegation } = certified
  const { chain, size, epoch, time, coordinator } = checkpoint
  const { members, quorum } = electorate
  const { signed } = votes(electorate, { signers: [coordinator, ...witnesses] })
  const isMember = (one: CoordinatorId) => members.some((member) => member.coordinator === one)
  const stranger = (one: CoordinatorId) => (isMember(one) ? '' : ', not of the roster')
  const owner = delegation && `node ${delegation.node}, until ${instant(delegation.expires)}`
  return {
    rows: [
      ...provesRows(certified),
      ...(delegation === undefined
        ? []
        : ([
            ['owner', delegation.owner],
            ['of', owner ?? ''],
          ] as const)),
      ['as of', `${instant(time)}, ${counted(size, 'entry', 'entries')}, epoch ${count(epoch)}`],
      ['chain', chain],
      ['signed by', `${coordinator}, coordinator${stranger(coordinator)}`],
      ...witnesses.map((one) => ['', `${one}, witness${stranger(one)}`] as const),
      ['quorum', `${signed.length} of the ${members.length} in the roster signed, ${quorum} must`],
    ],
    json: {
      ...(balance === undefined ? {} : { balance }),
      ...(entry === undefined ? {} : { entry: toJson(entrySchema, entry) }),
      ...(delegation === undefined ? {} : { delegation }),
      ...{ chain, size, epoch, time, coordinator, witnesses, signed, quorum },
    },
  }
}

function provesRows({ balance, entry }: Certified): [string, string][] {
  if (balance !== undefined) {
    return [['proves', `${balance.account} holds ${credits(balance.micro)} credits`]]
  }
  if (entry === undefined) return []
  const first = `entry ${count(entry.seq)}, written ${instant(entry.time)}`
  const facts = entry.facts.map((fact): [string, string] => ['', `${fact.type} ${factLine(fact)}`])
  return [['proves', first], ...facts]
}
