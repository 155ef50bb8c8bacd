import type { HostFunction, hostFunctions } from '@nexapod/specs/wasm'
import type { Chance } from './chance.ts'
import { errno } from './codes.ts'
import type { Descriptor, Descriptors } from './descriptors.ts'
import type { GuestMemory } from './memory.ts'
import type { Meter } from './meter.ts'
import type { Quota } from './tree.ts'

/** A program under way, as the calls of the host see it. */
export interface Guest {
  readonly memory: GuestMemory
  readonly meter: Meter
  readonly chance: Chance
  readonly quota: Quota
  readonly descriptors: Descriptors
  /** Its arguments and variables, each with a zero at its end. */
  readonly args: readonly Uint8Array[]
  readonly variables: readonly Uint8Array[]
  /** What its clock shows at the beginning of the unit, in nanoseconds since 1970. */
  readonly epochNs: bigint
}

type Values<Types extends string> = Types extends `i${infer Rest}`
  ? [number, ...Values<Rest>]
  : Types extends `I${infer Rest}`
    ? [bigint, ...Values<Rest>]
    : []

type Call<Types extends string> = Types extends `${infer Given}:${infer Back}`
  ? (...values: Values<Given>) => Back extends 'i' ? number : never
  : never

/** A call of the host for each function that a module may import; i32 come as unsigned. */
export type HostCalls = { readonly [Name in HostFunction]: Call<(typeof hostFunctions)[Name]> }

/** A descriptor with this right, or the number of why there is none. */
export function held({ descriptors }: Guest, fd: number, right: bigint): Descriptor | number {
  const descriptor = descriptors.get(fd)
  if (descriptor === undefined) return errno.badf
  return (descriptor.rights & right) === right ? descriptor : errno.notcapable
}

/** A number as the guest means it: without a sign. */
export function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
