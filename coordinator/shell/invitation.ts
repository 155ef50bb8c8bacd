import type { Electorate } from '@nexapod/ledger'
import { formatInvitation, limits, type MeshId } from '@nexapod/specs'

type Member = Electorate['members'][number]

/** The line that brings others into a mesh: one of its members says where it can be dialled now. */
export function invitationTo(
  {
    mesh,
    name,
    members,
  }: { readonly mesh: MeshId; readonly name: string; readonly members: readonly Member[] },
  { coordinator, addresses }: Member,
): string {
  const isMember = members.some((one) => one.coordinator === coordinator)
  if (!isMember) throw new Error(`${coordinator} is not of the roster`)
  const said = { coordinator, addresses: addresses.slice(0, limits.addressesMax) }
  return formatInvitation({
    ...{ v: 1, mesh, name },
    members: members.map((one) => (one.coordinator === coordinator ? said : one)),
  })
}
