import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Bar, write } from '../desk.ts'
import { exits, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { connected } from './joined.ts'
import { remember, short } from './published.ts'
import { watched } from './waiting.ts'

/** Publishes a job of one unit, and writes to stdout what its module does. */
export const run: Verb = async (given, desk) => {
  const [module = '', ...said] = given.words
  // What follows is all the module's, but for the hyphens that say so.
  const args = said[0] === '--' ? said.slice(1) : said
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const quorum = Number(given.options.quorum)
  const written = {
    nexapod: 'v1',
    name: basename(module),
    executors: [{ module: `./${basename(module)}`, command: args, stdout: '/out/stdout' }],
    outputs: [{ path: '/out/stdout' }],
    replicas: { quorum, max: quorum + 4 },
  }
  const directory = dirname(resolve(module))
  const published = await connection.publish({ written, directory }, desk.signal)
  if (!published.ok) return troubleOf(`${module} was not taken.`, published.refusal)
  const { id } = published.value
  await remember(published.value, connection.mesh)
  const bar = new Bar(desk, basename(module))
  for await (const at of watched(connection, id, desk)) {
    if (!at.ok) return troubleOf(`${module} was lost sight of.`, at.refusal)
    bar.at(at.value.accepted + at.value.dead, at.value.units)
  }
  bar.end()
  const own = await mkdtemp(join(tmpdir(), 'nexapod-run-'))
  try {
    const kept = await connection.results(id, own, desk.signal)
    if (!kept.ok) return troubleOf(`What ${module} gave was not taken.`, kept.refusal)
    const [unit] = kept.value.verified.settled
    if (unit === undefined) {
      const why = `the job ended as ${kept.value.verified.ended}`
      const next = `nexapod job show ${short(id)}`
      return { exit: exits.undecided, what: `${module} has no result.`, why, next }
    }
    await write(desk.stdout, await readFile(join(own, '0/out/stdout')))
    const { ended } = unit.outcome
    if (ended.type === 'exit' && ended.code === 0) return undefined
    const why = ended.type === 'exit' ? `it exited with ${ended.code}` : `it ended by ${ended.type}`
    const next = `nexapod job results ${short(id)}`
    return { exit: exits.failed, what: `${module} has failed.`, why, next }
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}
