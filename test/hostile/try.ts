import type { Scene } from './scene.ts'

/** Something that somebody hostile tries, and what it has to be refused with. */
export interface Try {
  readonly name: string
  /** Codes, and words where the protocol answers by something else: each must come. */
  readonly expects: readonly string[]
  /** Whether it takes as long as a stream may be idle. */
  readonly isLong?: boolean
  /** Tries it; what came back, in any order. */
  run(scene: Scene): Promise<readonly string[]>
}
