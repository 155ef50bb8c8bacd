import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Begins with the files that take longest, so that none is left over when all others are done, and
 * no core stands idle beside it. A fresh checkout does not know how long files take; the rest of
 * what crosses rooms takes seconds each, what stands beside its subject less.
 */
const longest = [
  'test/chaos/chaos.test.ts',
  'test/coordinator/evidence.test.ts',
  'test/failover/failover.test.ts',
  'test/deploy/image.test.ts',
]

/** How early a file comes: the less, the earlier. */
function rankOf(path: string): number {
  const rank = longest.indexOf(path)
  if (rank !== -1) return rank
  return longest.length + (path.startsWith('test/') ? 0 : 1)
}

/** The files of a run, the longest first, each kind of them in the usual order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      rankOf(relative(this.ctx.config.root, moduleId))
    const usual = await super.sort(files)
    return usual.sort((a, b) => rank(a) - rank(b))
  }
}
