import { type Answer, accept, type Refusal } from '@nexapod/specs'
import type { Limits } from '../core/limits/limits.ts'
import { type AnswerOwner, openDoor } from './door.ts'
import { type LimitsFound, limitsIn, limitsStatus } from './limits-file.ts'
import { openPage, type Page } from './page/page.ts'
import type { Shell } from './shell.ts'
import type { NodeStatus } from './status.ts'

/** What an owner is answered from. */
interface Front {
  readonly shell: Shell
  /** The limits that the node was opened with. */
  readonly opened: LimitsFound
  /** What it does; its page is at this address, if there is one. */
  status(page: string | undefined): NodeStatus
  /** Keeps no more on the disk than this from now on. */
  boundDisk(bytes: number): Promise<void>
}

type FrontNews =
  | { readonly type: 'doorless'; readonly refusal: Refusal }
  | { readonly type: 'page'; readonly address: string }

interface FrontConfig {
  readonly directory: string
  readonly page?: number
  tell(news: FrontNews): void
}

/**
 * Opens where the owner of a node asks it: its door, and a page if there is to be one. Both are
 * asked the same. Gives the address of the page, with its key.
 */
export async function openFronts(
  { directory, page: port, tell }: FrontConfig,
  release: AsyncDisposableStack,
  front: Front,
): Promise<Answer<string | undefined>> {
  let page: Page | undefined
  const answer = answering(front, () => page?.withKey)
  if (port !== undefined) {
    const opened = await openPage(port, answer)
    if (!opened.ok) return opened
    page = release.use(opened.value)
    tell({ type: 'page', address: page.address })
  }
  const door = await openDoor(directory, answer)
  if (door.ok) release.use(door.value)
  else tell({ type: 'doorless', refusal: door.refusal })
  return accept(page?.withKey)
}

function answering(front: Front, page: () => string | undefined): AnswerOwner {
  const { shell, opened } = front
  let found = opened
  return async (question) => {
    if (question.type === 'order') shell.happen(question)
    if (question.type === 'order' || question.type === 'status') return accept(front.status(page()))
    if (question.type === 'reload') {
      const read = await limitsIn(found.path)
      if (!read.ok) return read
      found = read.value
      shell.happen({ type: 'limits', limits: found.limits })
      await front.boundDisk(found.limits.diskBytes)
    }
    return accept(limitsStatus(found, laterThan(opened.limits, found.limits)))
  }
}

/** An engine is looked for, and accelerators are counted out, when a node begins. */
function laterThan(opened: Limits, now: Limits): string[] {
  const containers = now.executors.docker && !opened.executors.docker
  const gpus = opened.executors.docker && now.gpus > opened.gpus
  return [...(containers ? ['executors.docker'] : []), ...(gpus ? ['gpus'] : [])]
}
