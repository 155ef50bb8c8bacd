import type { Known } from '../ends/voter.ts'
import type { Copy } from './copy.ts'

/** What a copy says of its chain to those who decide about the end of its epoch. */
export function knownOf(copy: Copy | undefined): Known | undefined {
  if (copy?.tip === undefined) return undefined
  const { epoch, coordinator: writer, governance } = copy.tip
  const { size, cosigned, feed } = copy
  return {
    ...{ epoch, writer, governance, size, cosigned },
    stood: feed.stood,
    electorateAt: (size) => copy.governanceAt(size),
    isAtRest: () => copy.isAtRest(),
  }
}
