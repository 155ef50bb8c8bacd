/** A coordinator with a clock, a disk and a network around it. */
import type { Judge } from './http/ground.ts'
import type { Http, HttpConfig } from './http/http.ts'

export type { Coordinator } from './coordinator.ts'
export { type Founding, foundMesh, ratesFrom, usualRates } from './founding.ts'
export type { EntryView, JobView, NodeView, Status, UnitView, View } from './home/view.ts'
export type { Http, HttpConfig } from './http/http.ts'
export { type Log, lineLog } from './log.ts'
export { type CoordinatorConfig, openCoordinator } from './open.ts'

/** Opens the HTTP API of a coordinator; Fastify is loaded then and not before. */
export async function openHttp(judge: Judge, config: HttpConfig): Promise<Http> {
  const { openHttp: open } = await import('./http/http.ts')
  return await open(judge, config)
}
