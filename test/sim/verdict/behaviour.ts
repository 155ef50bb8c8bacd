import { decide } from '../../../coordinator/index.ts'
import { type Behaviour, Cast, type Member } from './member.ts'
import { right } from './unit.ts'

/** Computes, and errs at a rate. */
export function computes(errs: number): Behaviour {
  return (_, { chance, slip }) => (chance.below(1e9) < errs * 1e9 ? slip() : right)
}

/** Computes, but on these platforms all have the same wrong result in one job of so many. */
export function computesOn(errs: number, broken: string, jobs: number): Behaviour {
  const well = computes(errs)
  return (me, scene) => {
    return me.platform === broken && scene.job % jobs === 0 ? 'broken' : well(me, scene)
  }
}

/** Tells a lie of its own, on a share of units, from so many vouched passes on. */
export function liesAlone(share: number, trusted: number): Behaviour {
  return (me, { chance, slip }) => {
    const lies = me.standing.vouched >= trusted && chance.below(1e6) < share * 1e6
    return lies ? slip() : right
  }
}

/** Tells the lie of its ring, always and blindly, from so many vouched passes on. */
export function liesAlike(trusted: number): Behaviour {
  return (me) => (me.standing.vouched >= trusted ? lieOf(me) : right)
}

/**
 * Its ring knows the policy and everybody's leases. On a share of units it lies, if all who are
 * asked are of the ring and will be believed. Then every one of the ring stands by the lie, as a
 * referee too.
 */
export function colludes(share: number): Behaviour {
  return (me, scene) => {
    const lie = lieOf(me)
    if (scene.casts.some(({ says }) => says === lie)) return lie
    if (scene.casts.length > 0 || drawn(scene.unit) >= share) return right
    if (!scene.batch.every((one) => one.ring === me.ring)) return right
    const casts = scene.batch.map((one, slot) => new Cast(one, slot, lie, false, 0))
    return decide(casts, scene.terms).type === 'accepted' ? lie : right
  }
}

/** Lies where it is the first, if it is trusted, and hopes that another of its ring comes next. */
export function gambles(share: number, trusted: number): Behaviour {
  return (me, { casts, unit }) => {
    const lie = lieOf(me)
    if (casts.some(({ says }) => says === lie)) return lie
    const lies = casts.length === 0 && drawn(unit) < share && me.standing.vouched >= trusted
    return lies ? lie : right
  }
}

/** Colludes where it is asked together with others, and gambles where it is asked alone. */
export function adapts(share: number, trusted: number): Behaviour {
  const together = colludes(1)
  const alone = gambles(share, trusted)
  return (me, scene) => (scene.batch.length > 1 ? together : alone)(me, scene)
}

/** Honest until trusted; then, as one who checks, it contradicts, to have others banned. */
export function slanders(trusted: number): Behaviour {
  return (me, { referee }) => (referee && me.standing.vouched >= trusted ? lieOf(me) : right)
}

/** Says what it can read, and computes only where it can read nothing. */
export function copies(errs: number): Behaviour {
  const well = computes(errs)
  return (me, scene) => {
    const read = scene.accepted ?? (scene.sealed ? undefined : scene.casts[0]?.says)
    return read ?? well(me, scene)
  }
}

/** Computes, and gives up at a rate. */
export function givesUp(share: number): Behaviour {
  return (_, { chance }) => (chance.below(1e6) < share * 1e6 ? undefined : right)
}

function lieOf({ ring }: Member): string {
  return ring
}

/** A number below 1 that a ring draws together. */
function drawn(unit: number): number {
  let bits = Math.imul(unit ^ (unit >>> 15), 0x2c1b3c6d)
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39)
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32
}
