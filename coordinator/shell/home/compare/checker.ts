import type { Data } from '@nexapod/mesh'
import { type Content, type FileAt, Pool, type Room, taskOf } from '@nexapod/node/executors'
import { type Cid, type Job, type JobId, limits } from '@nexapod/specs'

/** A rule of a job by which a module says whether an output is right. */
export type CheckerRule = Extract<Job['compare'][number], { readonly type: 'checker' }>

/** What a checker is asked about. */
export interface Checked {
  readonly id: JobId
  readonly job: Job
  readonly unit: number
  /** What the unit left, at its places. */
  readonly files: readonly FileAt[]
}

/** What is kept of what a checker says before it ends. */
const wordsMax = 200

/** Runs checkers of jobs as nodes run modules: one at a time, in a process without rights. */
export class Checker implements AsyncDisposable {
  readonly #pool = new Pool(1)
  readonly #content: Content
  #count = 0

  /** It reads inputs and modules from where the data of jobs is. */
  constructor(data: Data) {
    this.#content = contentOf(data)
  }

  /**
   * Why what a unit left is not right, in words; undefined where it is. The checker finds inputs
   * and outputs where the unit had them, gets the path of its rule, and says yes by ending with 0.
   */
  async denies(
    { id, job, unit, files }: Checked,
    { path, module }: CheckerRule,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const task = await taskOf({ id, unit, job: { ...job, executors: [] } }, this.#content)
    if (task === undefined) return 'its inputs are not here'
    let words = ''
    const returned = await this.#pool.run(
      {
        ...task,
        programs: [{ module, args: [path], variables: {}, ignoreError: false }],
        files: [...task.files, ...files],
        outputs: [],
        fuel: limits.checkerFuelMax,
        memoryBytesMax: limits.checkerBytesMax,
        fileBytesMax: limits.checkerBytesMax,
      },
      {
        key: String(this.#count++),
        deadlineMs: limits.checkerMs,
        signal,
        onLog: (_, bytes) => {
          words = `${words}${Buffer.from(bytes)}`.slice(0, wordsMax)
        },
        module: (name) => this.#content.file(name as Cid, moduleRoom),
      },
    )
    signal.throwIfAborted()
    if (returned.type === 'failed') return `the checker could not be run: ${returned.reason}`
    const { ended } = returned.ran
    if (ended.type === 'exit' && ended.code === 0) return undefined
    const how = ended.type === 'exit' ? `exit ${ended.code}` : ended.type
    return `the checker of ${path} says no: ${how} ${words}`.trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }
}

const moduleRoom = {
  bytesMax: limits.wasmModuleBytesMax,
  filesMax: limits.wasmInputFilesMax,
} as const

type Tree = Parameters<Data['importTree']>[0]

function contentOf(data: Data): Content {
  const read = async (cid: Cid, { bytesMax, filesMax }: Room, below?: string) => {
    const bounds = {
      bytesMax: Math.min(bytesMax, limits.checkerBytesMax),
      blocksMax: filesMax,
      ...(below === undefined ? {} : { below }),
    }
    const found = await data.exportTree(cid, bounds)
    return found.ok ? found.value : undefined
  }
  return {
    async file(...wanted) {
      const tree = await read(...wanted)
      return tree !== undefined && 'bytes' in tree ? tree.bytes : undefined
    },
    async directory(...wanted) {
      const tree = await read(...wanted)
      return tree !== undefined && 'entries' in tree ? filesIn(tree) : undefined
    },
  }
}

/** All files of a tree, with their paths in it; of a file itself, the empty one. */
export function filesIn(tree: Tree, path = ''): FileAt[] {
  if ('bytes' in tree) return [{ path, bytes: tree.bytes }]
  return [...tree.entries].flatMap(([name, below]) => {
    return filesIn(below, path === '' ? name : `${path}/${name}`)
  })
}
