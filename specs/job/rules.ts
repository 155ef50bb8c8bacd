import { limits } from '../limits.ts'
import { nearest } from '../schema/nearest.ts'
import type { Place } from '../schema/place.ts'
import { utf8Length } from '../schema/text.ts'
import { inside, isBelow, overlap } from './path.ts'
import type { Source } from './source.ts'
import { checkSweep, longestValue, type Parameter } from './sweep.ts'
import { placeholders, unitParameter } from './template.ts'

interface Program {
  readonly type: 'wasm' | 'docker'
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly stdout?: string
  readonly stderr?: string
}

/** A file or directory that a unit is given or leaves. */
interface Held {
  readonly path: string
  readonly kind: 'file' | 'directory'
}

/** What the rules of a job look at: the same in a descriptor and in its canonical form. */
export interface JobShape {
  readonly executors: readonly Program[]
  readonly inputs: readonly (Held & { readonly from: Source })[]
  readonly outputs: readonly Held[]
  readonly volumes: readonly string[]
  readonly compare: readonly { readonly path: string }[]
  readonly sweep?: readonly Parameter[]
  readonly replicas?: { readonly quorum: number; readonly max: number }
}

/** What no single key of a job can hold. */
export function checkJob(job: JobShape, place: Place): void {
  checkKinds(job, place)
  checkPaths(job, place)
  checkStreams(job, place)
  checkCompare(job, place)
  if (job.sweep !== undefined) checkSweep(job.sweep, place.below('sweep'))
  checkPlaceholders(job, place)
  if (job.replicas !== undefined && job.replicas.quorum > job.replicas.max) {
    place.below('replicas').fault('document.rule', 'the quorum is more than the executions')
  }
}

/** Speed, price and reputation are counted for each kind of executor, so a unit has one kind. */
function checkKinds({ executors }: JobShape, place: Place): void {
  const [first] = executors
  const other = executors.findIndex((one) => one.type !== first?.type)
  if (other === -1) return
  const detail = 'modules and images do not mix in one job'
  place.below('executors').below(other).fault('document.rule', detail)
}

interface Named {
  readonly path: string
  readonly place: Place
}

function checkPaths(job: JobShape, place: Place): void {
  const named = (key: string, held: readonly Held[]): Named[] =>
    held.map(({ path, kind }, i) => {
      const at = place.below(key).below(i).below('path')
      if (kind === 'file') refuseRoot(path, at)
      return { path, place: at }
    })
  const inputs = named('inputs', job.inputs)
  const outputs = named('outputs', job.outputs)
  const volumes = job.volumes.map((path, i) => ({ path, place: place.below('volumes').below(i) }))
  refuseOverlaps([...inputs, ...outputs])
  refuseOverlaps(volumes)
  const files = [...job.inputs, ...job.outputs].filter((one) => one.kind === 'file')
  for (const { path, place: at } of volumes) refuseAsFile(path, files, at)
}

/** A volume is a directory: no file has its place, or one above it. */
function refuseAsFile(volume: string, files: readonly Held[], place: Place): void {
  const file = files.find((one) => inside(volume.toLowerCase(), one.path.toLowerCase()))
  if (file !== undefined) place.fault('job.path-collision', `${volume} and the file ${file.path}`)
}

function refuseAsVolume(path: string, volumes: readonly string[], place: Place): void {
  const volume = volumes.find((one) => inside(one.toLowerCase(), path.toLowerCase()))
  if (volume !== undefined) place.fault('job.path-collision', `${path} and the volume ${volume}`)
}

/** Whether a stream into a file gives this output, or a file of it. */
function isPartOf(path: string, { path: output, kind }: Held): boolean {
  return kind === 'file' ? path === output : path !== output && inside(path, output)
}

/** The directories of the sandbox are there before any file is. */
function refuseRoot(path: string, place: Place): void {
  if (path.lastIndexOf('/') === 0) place.fault('job.unsafe-path', `${path} is a directory`)
}

/** At most 128 paths: every pair is looked at. */
function refuseOverlaps(named: readonly Named[]): void {
  for (const [i, one] of named.entries()) {
    const other = named.slice(0, i).find((earlier) => overlap(one.path, earlier.path))
    if (other === undefined) continue
    one.place.fault('job.path-collision', `${one.path} and ${other.path} at ${other.place.path}`)
  }
}

function checkStreams({ executors, inputs, outputs, volumes }: JobShape, place: Place): void {
  const written: { readonly path: string; readonly by: number }[] = []
  for (const [i, { stdout, stderr }] of executors.entries()) {
    const at = place.below('executors').below(i)
    for (const [key, path] of Object.entries({ stdout, stderr })) {
      if (path === undefined) continue
      refuseRoot(path, at.below(key))
      const other =
        [...inputs, ...written].find((one) => overlap(one.path, path)) ??
        outputs.find((output) => overlap(output.path, path) && !isPartOf(path, output))
      if (other !== undefined) {
        at.below(key).fault('job.path-collision', `${path} and ${other.path}`)
      }
      refuseAsVolume(path, volumes, at.below(key))
      written.push({ path, by: i })
    }
  }
  for (const [i, { stdin }] of executors.entries()) {
    if (stdin === undefined) continue
    const at = place.below('executors').below(i).below('stdin')
    refuseRoot(stdin, at)
    if (inside(stdin, '/in') && !inputs.some((input) => inside(stdin, input.path))) {
      at.fault('document.rule', `${stdin} is in no input`)
    }
    const writer = written.find((one) => one.path.toLowerCase() === stdin.toLowerCase())
    if (writer === undefined || writer.by < i) continue
    at.fault('job.cycle', `${stdin} is written by this program or a later one`)
  }
}

function checkCompare({ compare, outputs }: JobShape, place: Place): void {
  for (const [i, { path }] of compare.entries()) {
    const at = place.below('compare').below(i).below('path')
    const known = outputs.some((output) => inside(path, output.path) || inside(output.path, path))
    if (!known) at.fault('document.rule', `${path} is in no output`)
    if (compare.slice(0, i).some((earlier) => earlier.path === path)) {
      at.fault('document.rule', `${path} has a rule already`)
    }
  }
}

function checkPlaceholders({ executors, inputs, sweep }: JobShape, place: Place): void {
  // Without a sweep nothing is a placeholder, so that any text can be an argument.
  const longest = sweep && new Map(sweep.map((one) => [one.name, 3 * longestValue(one)]))
  longest?.set(unitParameter, 3 * String(limits.sweepUnitsMax).length)
  const plain = namesOnly(sweep)
  for (const [i, { command, env }] of executors.entries()) {
    const at = place.below('executors').below(i)
    for (const [j, argument] of command.entries()) {
      checkFilled(argument, limits.argumentBytesMax, longest, at.below('command').below(j))
    }
    for (const [name, value] of Object.entries(env)) {
      checkFilled(value, limits.argumentBytesMax, longest, at.below('env').below(name))
    }
  }
  for (const [i, { from }] of inputs.entries()) {
    const at = place.below('inputs').below(i)
    if (from.type === 'text') checkFilled(from.text, limits.contentBytesMax, longest, at)
    if ((from.type === 'cid' || from.type === 'path') && from.below !== undefined) {
      checkFilled(from.below, limits.pathBytesMax, longest, at)
      checkBelow(from.below, longest, plain, at)
    }
  }
}

/** The longest that each parameter can make a text, in bytes; none without a sweep. */
type Longest = ReadonlyMap<string, number> | undefined

function checkFilled(text: string, bytesMax: number, longest: Longest, place: Place): void {
  if (longest === undefined) return
  let most = utf8Length(text)
  for (const name of placeholders(text)) {
    const added = longest.get(name)
    if (added === undefined) {
      unknownParameter(name, longest, place)
      return
    }
    most += added
  }
  if (most > bytesMax) place.fault('document.rule', `may be ${most} bytes, at most ${bytesMax}`)
}

function unknownParameter(name: string, longest: ReadonlyMap<string, number>, place: Place): void {
  const known = [...longest.keys()]
  const meant = nearest(name, known)
  const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`
  place.fault('job.unknown-parameter', `{{${name.slice(0, 40)}}}: ${hint}`)
}

/**
 * Whether each parameter may stand in a path: that is, whether every value of it is a plain name.
 * Looked up once for each parameter, however many inputs use it.
 */
function namesOnly(sweep: readonly Parameter[] = []): ReadonlyMap<string, boolean> {
  return new Map(
    sweep.map((one) => [
      one.name,
      one.type === 'range' || one.values.every((value) => isBelow(value) && !value.includes('/')),
    ]),
  )
}

/** A path below a CID must stay there for every value that may be filled in. */
function checkBelow(
  below: string,
  longest: Longest,
  plain: ReadonlyMap<string, boolean>,
  place: Place,
): void {
  if (longest === undefined && below.includes('{{')) {
    place.fault('job.unknown-parameter', 'there is no sweep, so nothing can be filled in')
    return
  }
  const names = longest === undefined ? [] : placeholders(below)
  let filled = below
  for (const name of names) {
    filled = filled.replace(`{{${name}}}`, 'x'.repeat(Math.ceil((longest?.get(name) ?? 3) / 3)))
  }
  if (!isBelow(filled)) {
    place.fault('job.unsafe-path', 'expected plain names below the source, and no way out of it')
  }
  const unsafe = names.find((name) => plain.get(name) === false)
  if (unsafe === undefined) return
  const detail = `${unsafe} is part of a path, so every value must be a plain name`
  place.fault('job.unsafe-path', detail)
}
