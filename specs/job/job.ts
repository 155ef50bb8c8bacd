import { type ChainId, cid, digest, type JobId, type PublisherId, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { dict } from '../schema/dict.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import type { Place } from '../schema/place.ts'
import { bool, bytes, choice, constant, int } from '../schema/scalar.ts'
import type { Infer, Schema } from '../schema/schema.ts'
import { sized } from '../schema/sized.ts'
import { optional, struct } from '../schema/struct.ts'
import { type TextSchema, text } from '../schema/text.ts'
import { where } from '../schema/where.ts'
import { type Document, idOf, type Signed } from '../signed/signed.ts'
import { time } from '../time.ts'
import { roots, sandboxPath } from './path.ts'
import { checkJob } from './rules.ts'
import { sweepSchema } from './sweep.ts'

/** A line of text for people. */
export function line(about: string): TextSchema {
  return text({ kind: 'line', min: 1, max: limits.lineBytesMax, about })
}

/** Some lines of text for people. */
export function lines(about: string): TextSchema {
  return text({ kind: 'lines', min: 1, max: limits.linesBytesMax, about })
}

/** Tags: what a publisher, or another system, wants to find again. */
export const tags = {
  name: line('The name of a tag.'),
  value: text({ kind: 'raw', max: limits.tagBytesMax }),
  options: {
    max: limits.tagsMax,
    about: 'Names and values of your own; nothing here acts on them.',
  },
}

/** The name of a project, as it stands in an address. */
export const projectName = text({
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$',
  name: 'lower-case letters, digits and hyphens',
  max: 63,
  about: 'The project that the job belongs to: volunteers choose by it.',
})

/** What a program is started with. */
export const program = {
  command: list(text({ kind: 'raw', max: limits.argumentBytesMax }), {
    max: limits.argumentsMax,
    about: 'The arguments. With an image the first is the program, unless the image names one.',
  }),
  env: dict(
    text({
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      name: 'the name of a variable',
      min: 1,
      max: limits.variableNameBytesMax,
    }),
    text({ kind: 'raw', max: limits.argumentBytesMax }),
    { max: limits.variablesMax, about: 'The variables; there are no others.' },
  ),
  stdin: sandboxPath(roots.any, { about: 'The file that is read as standard input.' }),
  stdout: sandboxPath(roots.write, { about: 'The file that standard output is written to.' }),
  stderr: sandboxPath(roots.write, { about: 'The file that standard error is written to.' }),
  workdir: sandboxPath(roots.any, { about: 'The directory that the program stands in.' }),
  ignoreError: bool({ about: 'Whether the next program runs even if this one fails.' }),
}

const programFields = {
  command: program.command,
  env: program.env,
  stdin: optional(program.stdin),
  stdout: optional(program.stdout),
  stderr: optional(program.stderr),
  workdir: optional(program.workdir),
  ignoreError: program.ignoreError,
}

/** A name of an image as container engines read it: registry, path, no tag. */
const imageName =
  '(?:[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[0-9]{1,5})?/)?[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*'

/** An image by name and digest: nobody can change what it names. */
export const namedImage = `^${imageName}@sha256:[0-9a-f]{64}$`

/** An image in a job: by name and digest, or by the digest that its archive has. */
const imageText = text({
  pattern: `^(?:${imageName}@)?sha256:[0-9a-f]{64}$`,
  name: 'an image by digest, name@sha256:...',
  max: limits.imageBytesMax,
})

const executor = oneOf({
  wasm: { module: cid(), ...programFields },
  docker: { image: imageText, archive: optional(cid()), ...programFields },
})

const input = struct({
  path: sandboxPath(roots.read),
  kind: choice(['file', 'directory']),
  from: oneOf({
    cid: { cid: cid(), below: optional(text({ kind: 'raw', min: 1, max: limits.pathBytesMax })) },
    text: { text: text({ kind: 'raw', max: limits.contentBytesMax }) },
    bytes: { bytes: bytes({ max: limits.contentBytesMax }) },
  }),
  name: optional(line('What it is called.')),
  description: optional(lines('What it is.')),
})

/** The fields of an output, the same for people and in a job but for the word for its kind. */
export const outputFields = {
  path: sandboxPath(roots.write, { about: 'Where the unit leaves it, below /out.' }),
  name: optional(line('What it is called.')),
  description: optional(lines('What it is.')),
}

const output = struct({ kind: choice(['file', 'directory']), ...outputFields })

const resources = struct({
  cores: int({ min: 1, max: limits.coresMax }),
  ramBytes: int({ min: 1, max: limits.storageBytesMax }),
  diskBytes: int({ min: 0, max: limits.storageBytesMax }),
  gpus: int({ min: 0, max: limits.gpusMax }),
  gpuRamBytes: int({ min: 0, max: limits.storageBytesMax }),
  fuel: int({ min: 1, max: limits.fuelMax }),
  unitMs: int({ min: 1, max: limits.unitMsMax }),
})

/** A plain quorum, instead of the credibility of the nodes. */
export const replicas = struct(
  {
    quorum: int({ min: 1, max: limits.quorumMax, about: 'Equal results that a unit needs.' }),
    max: int({ min: 1, max: limits.attemptsMax, about: 'Executions of a unit at most.' }),
  },
  { about: 'Ask for a plain quorum. Left out, the credibility of the nodes decides.' },
)

/** A small decimal, as text: documents have no floats. */
export const tolerance = text({
  pattern: '^[0-9]{1,16}(?:\\.[0-9]{1,16})?(?:e-?[0-9]{1,3})?$',
  name: 'a decimal such as 1e-9',
  max: 40,
})

const compare = oneOf({
  ignore: { path: sandboxPath(roots.write) },
  tolerance: {
    path: sandboxPath(roots.write),
    format: choice(['csv', 'json', 'npy']),
    absolute: tolerance,
    relative: tolerance,
  },
  checker: { path: sandboxPath(roots.write), module: cid() },
})

const job = struct({
  v: constant(1),
  home: digest<ChainId>({ about: 'The one chain that may decide this job.' }),
  publisher: peerId<PublisherId>(),
  nonce: bytes({ size: 16, about: 'Chosen by the publisher, once for each job.' }),
  issued: time(),
  expires: time({ about: 'After this it may no longer be admitted.' }),
  name: line('What the job is called.'),
  description: optional(lines('What it is for, in plain words: volunteers read it.')),
  project: optional(projectName),
  tags: dict(tags.name, tags.value, tags.options),
  executors: list(executor, { min: 1, max: limits.executorsMax }),
  inputs: list(input, { max: limits.inputsMax }),
  outputs: list(output, { min: 1, max: limits.outputsMax }),
  volumes: list(sandboxPath(roots.scratch), { max: limits.volumesMax }),
  resources,
  sweep: optional(sweepSchema),
  replicas: optional(replicas),
  compare: list(compare, { max: limits.compareRulesMax }),
  priority: int({ min: 0, max: limits.priorityMax }),
  deadline: optional(time({ about: 'When the results are no longer of use.' })),
  budgetMicro: optional(int({ min: 1, max: limits.microMax })),
})

/** A job in its canonical form: what a publisher signs. */
export type Job = Infer<typeof job>
/** One program of a unit. */
export type Executor = Job['executors'][number]
/** Something that a unit is given. */
export type Input = Job['inputs'][number]

/** What no single key of a signed job can hold. */
export function checkSigned(job: Job, place: Place): void {
  checkJob(job, place)
  if (job.expires <= job.issued) {
    place.below('expires').fault('document.rule', 'it expires before it is issued')
  }
  if (job.deadline !== undefined && job.deadline <= job.issued) {
    place.below('deadline').fault('document.rule', 'it is over before it is issued')
  }
  for (const [i, one] of job.executors.entries()) {
    if (one.type !== 'docker' || one.archive !== undefined || one.image.includes('@')) continue
    const at = place.below('executors').below(i).below('image')
    at.fault('document.rule', 'an image without a name needs its archive')
  }
}

/** The schema of a job: all its bounds multiplied out would be megabytes, so the whole has one. */
export const jobSchema: Schema<Job> = sized(where(job, checkSigned), limits.jobBytesMax)

/** A job is signed by its publisher. */
export const jobDocument: Document<Job> = {
  domain: 'nexapod/job/1',
  schema: jobSchema,
  signers: (job) => [job.publisher],
}

/** What a job is called by, everywhere: the digest of what its publisher signed. */
export function jobId(signed: Signed<Job>): JobId {
  return idOf<JobId>(jobDocument, signed.body)
}
