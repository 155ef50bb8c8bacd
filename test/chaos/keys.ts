import { sha256 } from '../../specs/index.ts'

/** The secret seed of a publisher, by number: as an owner it also has a node. */
export function publisherSeed(number: number): Uint8Array {
  return seedOf('publisher', number)
}

/** The secret seed of a coordinator, by number. */
export function coordinatorSeed(number: number): Uint8Array {
  return seedOf('coordinator', number)
}

function seedOf(who: string, number: number): Uint8Array {
  return sha256(Buffer.from(`nexapod chaos ${who} ${number}`))
}
