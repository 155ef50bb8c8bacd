import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { type Code, explain } from '@nexapod/specs'
import { usualRules } from '../core/setting.ts'
import { type ProcessConfig, processConfig } from './config.ts'
import type { Coordinator } from './coordinator.ts'
import type { Http } from './http/http.ts'
import { lineLog } from './log.ts'
import { openCoordinator } from './open.ts'

const log = lineLog((line) => process.stderr.write(line), Date.now)
const told = Promise.withResolvers<string>()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => told.resolve(signal))

// What nobody expected ends it as a kill would: what is on the disk is right at any moment.
process.once('uncaughtExceptionMonitor', (cause) => {
  log.error({ cause: cause.stack ?? String(cause) }, 'the process has failed')
})

/** Others have more of a chain of its own, or go on with it. */
const anew: readonly Code[] = ['ledger.sealed', 'ledger.behind', 'ledger.forked']
const leaving = new AbortController()
void told.promise.then(() => leaving.abort())

const config = await processConfig(process.argv.slice(2)).catch((cause: Error) => {
  unbegun(cause.message)
})
try {
  // Who finds that begins anew, as a follower of that chain.
  while (config !== undefined && (await served(config)));
} catch (cause) {
  const taken = /listen E(?:ADDRINUSE|ADDRNOTAVAIL|ACCES)[^\n]*/.exec(String(cause))
  if (taken === null) throw cause
  unbegun(`${taken[0]}. End what has that port, or name another.`)
}

/** Says to whoever typed it why it does not begin: nothing is broken, so there is no stack. */
function unbegun(why: string): void {
  process.stderr.write(`error: The coordinator does not begin.\n  why   ${why}\n`)
  process.exitCode = 1
}

/** Serves until it is told to go, or cannot; true if it is to begin anew. */
async function served(config: ProcessConfig): Promise<boolean> {
  const { directory, listen, announce, mesh, drainMs } = config
  const made = { directory, mesh, listen, announce, rules: usualRules, log }
  const opened = await openCoordinator(made, leaving.signal)
  if (!opened.ok) {
    // Whoever waits for a roster that names it may be told to go before.
    if (!leaving.signal.aborted) unbegun(explain(opened.refusal))
    return false
  }
  await using coordinator = opened.value
  const { id, chain } = coordinator
  await using http = await httpAt(coordinator, config)
  const said = {
    ...{ mesh: coordinator.mesh, coordinator: id, chain, addresses: coordinator.addresses() },
    ...{ invitation: coordinator.invitation() },
    ...(http === undefined ? {} : { http: http.address }),
  }
  process.stdout.write(`${JSON.stringify(said)}\n`)
  // If what was compiled is kept, it is now: who is killed has no end to do that at.
  flushCompileCache()
  const refusal = await Promise.race([coordinator.ended, told.promise])
  if (typeof refusal !== 'object') {
    await coordinator.drain(drainMs)
    return false
  }
  if (anew.includes(refusal.code)) {
    log.warn({ chain, refusal }, 'begins anew')
    return true
  }
  log.error({ refusal }, 'the disk has failed')
  process.exitCode = 1
  return false
}

/** The API where it is wanted; Fastify is not loaded for nothing. */
async function httpAt(
  coordinator: Coordinator,
  { directory, http: place, origins, wall }: ProcessConfig,
): Promise<Http | undefined> {
  if (place === undefined) return undefined
  const { openHttp } = await import('./http/http.ts')
  return await openHttp(coordinator, {
    ...{ ...place, origins, log, directory: join(directory, 'http') },
    ...(wall === undefined ? {} : { wall }),
  })
}
