import { cid } from '../id/id.ts'
import { limits } from '../limits.ts'
import { refusalSchema } from '../refusal/refusal.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import { int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'

const at = int({ min: 0, max: limits.blockLinksMax - 1 })

/** What is said by whoever fetches data. */
export const fromFetcher = oneOf({
  /**
   * The blocks that some links of a node lead to. The node is told by the way to it, a link in each
   * block: the empty way is to a node above the root, with one link.
   */
  want: {
    root: cid({ about: 'What the fetcher was told to fetch, and what is asked about access.' }),
    way: list(at, { max: limits.dagDepthMax }),
    from: at,
    count: int({ min: 1, max: limits.wantBlocksMax }),
  },
  /** The first block of each of these roots: as many wants with an empty way, in one. */
  roots: { roots: list(cid(), { min: 1, max: limits.wantRootsMax }) },
})

/** What a provider says: for each block of a want one message, or one refusal of all of it. */
export const fromProvider = oneOf({
  /** The block: so many bytes, which follow without a message around them. */
  block: { bytes: int({ min: 0, max: limits.blockBytesMax }) },
  /** The block is not here. */
  missing: {},
  refuse: { refusal: refusalSchema },
})

/** What is said by whoever fetches data. */
export type FromFetcher = Infer<typeof fromFetcher>
/** What a provider of data says. */
export type FromProvider = Infer<typeof fromProvider>
