import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explain, units } from '@nexapod/specs'
import { parse } from 'yaml'
import { Bar, type Desk, painted, write } from '../desk.ts'
import { type Connection, connect } from '../sdk/connect.ts'
import type { Verified } from '../sdk/verified.ts'
import { exits, type Trouble } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { accountsOf, certify } from './credit.ts'
import { type Hub, type Lent, startCoordinator, startNodes } from './mesh.ts'
import { command, ran } from './processes.ts'

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))

/** Two of the examples, made small: another sweep, and what else is said to their programs. */
const jobs = [
  { name: 'pi', sweep: { seed: { from: 1, to: 12 } }, more: ['--points', '2000000'] },
  { name: 'quantum', sweep: { qubits: [8, 10], number: [3, 5, 12] }, more: [] },
] as const

type Small = (typeof jobs)[number]

/** A whole mesh on this machine: two jobs are published, verified and credited; a liar is found. */
export const demo: Verb = async ({ options }, desk) => {
  const from = performance.now()
  const keep = typeof options.keep === 'string' ? resolve(options.keep) : undefined
  const directory = keep ?? (await mkdtemp(join(tmpdir(), 'nexapod-demo-')))
  await mkdir(directory, { recursive: true })
  try {
    return await shown({ directory, from, once: options.once === true }, desk)
  } finally {
    if (keep === undefined) await rm(directory, { recursive: true, force: true })
  }
}

interface Stage {
  readonly directory: string
  readonly from: number
  readonly once: boolean
}

async function shown(stage: Stage, desk: Desk): Promise<Trouble | undefined> {
  const { directory, once } = stage
  const say = (line: string) => write(desk.stdout, `${line}\n`)
  const title = (line: string) => say(`\n${painted(desk, 'bold', line)}`)
  let faults: readonly string[] = []
  let certified: readonly string[] = []
  let mesh = ''
  {
    await using release = new AsyncDisposableStack()
    await say('A mesh on this machine: a coordinator, four nodes of four owners. One of them lies.')
    const hub = await startCoordinator(directory)
    release.use(hub.process)
    mesh = hub.invitation
    await using nodes = new AsyncDisposableStack()
    const starting = await startNodes(join(directory, 'nodes'), hub.invitation, nodes)
    const lent = await Promise.all(starting)
    for (const { owner, node, lies } of lent) {
      await say(`  ${owner.padEnd(8)} ${node}${lies ? '  lies' : ''}`)
    }
    const opened = await connect({
      invitation: hub.invitation,
      key: crypto.getRandomValues(new Uint8Array(32)),
    })
    if (!opened.ok) return failed([explain(opened.refusal)])
    await using connection = opened.value
    const verified = await published(connection, stage, desk)
    if (!Array.isArray(verified)) return verified as Trouble
    ;({ faults, certified } = await told(stage, { connection, verified, lent, say, title }))
    const seconds = ((performance.now() - stage.from) / 1000).toFixed(1)
    if (faults.length === 0) await say(`\nAll of it was verified ${seconds} s after the start.`)
    await offered(hub, once, desk)
  }
  const audited = await auditOf({ directory, mesh, certified, say, title })
  const all = [...faults, ...audited]
  return all.length === 0 ? undefined : failed(all)
}

function failed(faults: readonly string[]): Trouble {
  const next = 'nexapod demo --once --keep DIRECTORY, and look at what it leaves there'
  return { exit: exits.failed, what: 'The demo did not end well.', why: faults.join('; '), next }
}

/** Publishes the jobs, follows them, and takes their results. */
async function published(
  connection: Connection,
  { directory }: Stage,
  desk: Desk,
): Promise<readonly { readonly small: Small; readonly verified: Verified }[] | Trouble> {
  const ids = []
  for (const small of jobs) {
    const said = await connection.publish(await descriptorOf(small), desk.signal)
    if (!said.ok) return failed([explain(said.refusal)])
    const count = units(said.value.job).count
    await write(desk.stdout, `Published: ${said.value.job.name}, ${count} units.\n`)
    ids.push({ small, id: said.value.id, count })
  }
  const found = []
  for (const { small, id, count } of ids) {
    const bar = new Bar(desk, small.name.padEnd(8))
    bar.at(0, count)
    for await (const at of connection.follow(id, desk.signal)) {
      if (!at.ok) return failed([explain(at.refusal)])
      bar.at(at.value.accepted + at.value.dead, at.value.units)
    }
    bar.end()
    const to = join(directory, 'results', small.name)
    const kept = await connection.results(id, to, desk.signal)
    if (!kept.ok) return failed([`${small.name}: ${explain(kept.refusal)}`])
    found.push({ small, verified: kept.value.verified })
  }
  return found
}

/** A small instance of an example: its own descriptor, with another sweep, and arguments more. */
async function descriptorOf({ name, sweep, more }: Small) {
  const directory = join(examples, name)
  const written = parse(await readFile(join(directory, 'job.yaml'), 'utf8'))
  for (const executor of written.executors) executor.command.push(...more)
  return { directory, written: { ...written, sweep } }
}

interface Telling {
  readonly connection: Connection
  readonly verified: readonly { readonly small: Small; readonly verified: Verified }[]
  readonly lent: readonly Lent[]
  readonly say: (line: string) => Promise<void>
  readonly title: (line: string) => Promise<void>
}

/** Says what came of it; gives what is not as it has to be. */
async function told(
  { directory }: Stage,
  { connection, verified, lent, say, title }: Telling,
): Promise<{ readonly faults: readonly string[]; readonly certified: readonly string[] }> {
  const faults: string[] = []
  await title('Results, beside what is published')
  for (const { small, verified: job } of verified) {
    const count = units(job.job).count
    if (job.ended !== 'final' || job.settled.length !== count) {
      faults.push(
        `${small.name} ended as ${job.ended} with ${job.settled.length} of ${count} units`,
      )
    }
    const results = join(directory, 'results', small.name)
    const { exit, lines } = await ran([join(examples, 'main.ts'), 'check', small.name, results])
    for (const line of lines.slice(1)) await say(`  ${line}`)
    if (exit !== 0) faults.push(`the results of ${small.name} are not those that are published`)
  }
  await title('Credit, as the chain says')
  const settled = verified.flatMap(({ verified: { settled } }) => settled)
  const accounts = await accountsOf(connection, lent)
  if (!accounts.ok) return { faults: [...faults, explain(accounts.refusal)], certified: [] }
  for (const { owner, lies, node, micro } of accounts.value.earned) {
    const won = settled.filter(({ nodes }) => nodes.includes(node)).length
    const wrong = settled.filter(({ others }) => others.includes(node)).length
    const credit = `${(micro / 1e6).toFixed(6)} credits`
    await say(`  ${owner.padEnd(8)} ${credit}  ${won} results taken, ${wrong} found wrong`)
    if (lies && (micro > 0 || won > 0)) faults.push(`${owner} lied, and was paid`)
    if (lies && wrong === 0) faults.push(`${owner} lied, and was not found out`)
    if (!lies && (micro === 0 || wrong > 0)) faults.push(`${owner} was honest, and was not paid so`)
  }
  const { read } = accounts.value
  await say(
    `  read from ${read.checkpoint.size} entries; each was checked here, and so was the sum`,
  )
  const [best] = accounts.value.earned.toSorted((a, b) => b.micro - a.micro)
  const files = best === undefined ? undefined : certify(read, best)
  if (files === undefined) return { faults: [...faults, 'nothing was earned'], certified: [] }
  const certificate = join(directory, 'certificate')
  const roster = join(directory, 'roster.json')
  await writeFile(certificate, files.certificate)
  await writeFile(roster, files.roster)
  return { faults, certified: [certificate, '--roster', roster] }
}

/** Says where to look; unless it is to be done once, until Ctrl-C. */
async function offered({ invitation, http }: Hub, once: boolean, desk: Desk): Promise<void> {
  const say = (line: string) => write(desk.stdout, `${line}\n`)
  if (http !== undefined) await say(`\nThe coordinator is at ${http}, for a browser too`)
  if (once || desk.signal.aborted) return
  await say('\nIt stays up until Ctrl-C. In another terminal, publish something of your own:')
  await say(`  export NEXAPOD_MESH=${invitation}`)
  await say('  npx -y pnpm@12 nexapod run examples/pi/pi.wasm -- --seed 7 --points 1000000')
  await new Promise<void>((resolve) => {
    desk.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await say(
    '\nIt ends: all processes stop, and what they leave on the disk is checked. Some seconds.',
  )
}

/** Checks what is left on the disk, with nobody there to ask; gives what is not right there. */
async function auditOf({
  directory,
  mesh,
  certified,
  say,
  title,
}: Pick<Stage, 'directory'> &
  Pick<Telling, 'say' | 'title'> & {
    readonly mesh: string
    readonly certified: readonly string[]
  }): Promise<readonly string[]> {
  const faults: string[] = []
  const run = async (what: string, args: readonly string[]) => {
    await title(`nexapod ${what}`)
    const { exit, lines } = await ran([command, ...args])
    for (const line of lines) await say(`  ${line}`)
    if (exit !== 0) faults.push(`${what} ended with ${exit}`)
  }
  for (const { name } of jobs) {
    const results = join(directory, 'results', name)
    const again = ['--rerun', '1']
    await run(`verify results/${name} --rerun 1`, ['verify', results, '--mesh', mesh, ...again])
  }
  if (certified.length > 0) {
    await run('ledger verify CERTIFICATE', ['ledger', 'verify', ...certified])
  }
  await run('ledger audit', ['ledger', 'audit', join(directory, 'coordinator', 'ledger')])
  return faults
}
