import type { Probes } from '../../../coordinator/index.ts'
import { type ChainId, resultId } from '../../../specs/index.ts'
import { noon, type Writer } from './cast.ts'
import { chanceOf } from './draws.ts'
import { drawJob, type Published } from './jobs.ts'
import { type Results, right } from './results.ts'

/** A job of the mesh's own that new nodes are tried with, and what its units give. */
export interface Trial {
  readonly writer: Writer
  readonly published: Published
  readonly probes: Probes
}

/** More units than there are nodes to be tried. */
const unitsTried = 200

/** The trials of a mesh, by chain. */
export function trialsOf(
  seed: number,
  writers: readonly Writer[],
  results: Results,
): ReadonlyMap<ChainId, Trial> {
  const trials = writers.map((writer): [ChainId, Trial] => {
    const published = drawJob(chanceOf(seed, `trial of ${writer.name}`), {
      kind: 'probe',
      home: writer.chain,
      publisher: writer.signer,
      name: `of ${writer.name}`,
      time: noon,
      units: unitsTried,
    })
    const { job, id, signed } = published
    const result = (unit: number) => resultId(results.manifest(job, id, unit, right).outcome)
    return [writer.chain, { writer, published, probes: { job: signed, result } }]
  })
  return new Map(trials)
}
