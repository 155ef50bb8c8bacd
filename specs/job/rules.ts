import { limits } from '../limits.ts'
import { nearest } from '../schema/nearest.ts'
import type { Place } from '../schema/place.ts'
import { utf8Length } from '../schema/text.ts'
import { inside, isBelow, overlap } from './path.ts'
import type { Source } from './source.ts'
import { checkSweep, longestValue, type Parameter, valueAt, valueCount } from './sweep.ts'
import { placeholders, unitParameter } from './template.ts'

interface Program {
  readonly type: 'wasm' | 'docker'
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly stdout?: string
  readonly stderr?: string
}

/** What the rules of a job look at: the same in a descriptor and in its canonical form. */
export interface JobShape {
  readonly executors: readonly Program[]
  readonly inputs: readonly { readonly path: string; readonly from: Source }[]
  readonly outputs: readonly { readonly path: string }[]
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
  const named = (key: string, paths: readonly { readonly path: string }[]): Named[] =>
    paths.map(({ path }, i) => ({ path, place: place.below(key).below(i).below('path') }))
  const inputs = named('inputs', job.inputs)
  const outputs = named('outputs', job.outputs)
  const volumes = job.volumes.map((path, i) => ({ path, place: place.below('volumes').below(i) }))
  refuseOverlaps([...inputs, ...outputs])
  refuseOverlaps(volumes)
}

/** At most 128 paths: every pair is looked at. */
function refuseOverlaps(named: readonly Named[]): void {
  for (const [i, one] of named.entries()) {
    const other = named.slice(0, i).find((earlier) => overlap(one.path, earlier.path))
    if (other === undefined) continue
    one.place.fault('job.path-collision', `${one.path} and ${other.path} at ${other.place.path}`)
  }
}

function checkStreams(job: JobShape, place: Place): void {
  const written = new Map<string, number>()
  for (const [i, { stdout, stderr }] of job.executors.entries()) {
    const at = place.below('executors').below(i)
    for (const [key, path] of Object.entries({ stdout, stderr })) {
      if (path === undefined) continue
      const taken = job.inputs.some((input) => overlap(input.path, path))
      if (taken || written.has(path.toLowerCase())) {
        at.below(key).fault('job.path-collision', `${path} is an input, or written by another`)
      }
      written.set(path.toLowerCase(), i)
    }
  }
  for (const [i, { stdin }] of job.executors.entries()) {
    const writer = stdin === undefined ? undefined : written.get(stdin.toLowerCase())
    if (writer === undefined || writer < i) continue
    const at = place.below('executors').below(i).below('stdin')
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

function checkPlaceholders(job: JobShape, place: Place): void {
  for (const [i, { command, env }] of job.executors.entries()) {
    const at = place.below('executors').below(i)
    for (const [j, argument] of command.entries()) {
      checkFilled(argument, limits.argumentBytesMax, job, at.below('command').below(j))
    }
    for (const [name, value] of Object.entries(env)) {
      checkFilled(value, limits.argumentBytesMax, job, at.below('env').below(name))
    }
  }
  for (const [i, { from }] of job.inputs.entries()) {
    const at = place.below('inputs').below(i)
    if (from.type === 'text') checkFilled(from.text, limits.contentBytesMax, job, at)
    if ((from.type === 'cid' || from.type === 'path') && from.below !== undefined) {
      checkBelow(from.below, job, at)
    }
  }
}

/** Without a sweep nothing is a placeholder, so that any text can be an argument. */
function checkFilled(text: string, bytesMax: number, { sweep }: JobShape, place: Place): void {
  if (sweep === undefined) return
  // A UTF-16 unit takes three bytes at most; placeholders that are filled in only make room.
  let most = utf8Length(text)
  for (const name of placeholders(text)) {
    const parameter = sweep.find((one) => one.name === name)
    if (parameter !== undefined) most += 3 * longestValue(parameter)
    else if (name === unitParameter) most += String(limits.sweepUnitsMax).length
    else unknownParameter(name, sweep, place)
  }
  if (most > bytesMax) place.fault('document.rule', `may be ${most} bytes, at most ${bytesMax}`)
}

function unknownParameter(name: string, sweep: readonly Parameter[], place: Place): void {
  const known = [...sweep.map((one) => one.name), unitParameter]
  const meant = nearest(name, known)
  const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`
  place.fault('job.unknown-parameter', `{{${name.slice(0, 40)}}}: ${hint}`)
}

/** A path below a CID must stay there for every value that may be filled in. */
function checkBelow(below: string, job: JobShape, place: Place): void {
  checkFilled(below, limits.pathBytesMax, job, place)
  const names = job.sweep === undefined ? [] : placeholders(below)
  const plain = names.reduce((text, name) => text.replace(`{{${name}}}`, 'x'), below)
  if (!isBelow(plain)) {
    place.fault('job.unsafe-path', 'expected plain names below the source, and no way out of it')
  }
  for (const parameter of job.sweep ?? []) {
    if (names.includes(parameter.name)) checkNames(parameter, place)
  }
}

function checkNames(parameter: Parameter, place: Place): void {
  if (parameter.type === 'range') return
  for (let i = 0; i < valueCount(parameter); i++) {
    const value = valueAt(parameter, i)
    if (isBelow(value) && !value.includes('/')) continue
    const detail = `${parameter.name} is part of a path, so every value must be a plain name`
    place.fault('job.unsafe-path', detail)
    return
  }
}
