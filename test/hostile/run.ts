import type { Scene } from './scene.ts'
import type { Try } from './try.ts'

/** What came of a try. */
export interface Tried {
  readonly name: string
  readonly seconds: number
  /** What came back, and what should have come and did not. */
  readonly came: readonly string[]
  readonly missing: readonly string[]
  /** The most memory that the coordinator had during it, more than before the first. */
  readonly moreBytes: number
  /** Results of the honest that were acknowledged meanwhile. */
  readonly acknowledged: number
}

/** Lets tries run one after the other. */
export async function* tried(
  tries: readonly Try[],
  scene: Scene,
  calmBytes: number,
): AsyncGenerator<Tried> {
  for (const one of tries) {
    await scene.forget()
    const begun = performance.now()
    const before = scene.acknowledged
    const came = await one.run(scene)
    const { most } = await scene.memory()
    yield {
      name: one.name,
      seconds: (performance.now() - begun) / 1000,
      came,
      missing: less(one.expects, came),
      moreBytes: most - calmBytes,
      acknowledged: scene.acknowledged - before,
    }
  }
}

/** What is expected and did not come, each as often as it is expected. */
function less(expects: readonly string[], came: readonly string[]): string[] {
  const left = [...came]
  return expects.filter((one) => {
    const at = left.indexOf(one)
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
}
