import { fromJson } from '../bytes/bytes.ts'
import { limits } from '../limits.ts'
import { type Answer, refuse } from '../refusal/refusal.ts'
import { dictForm } from '../schema/dict.ts'
import { listForm } from '../schema/list.ts'
import { mapped } from '../schema/mapped.ts'
import { found, type Place } from '../schema/place.ts'
import { choice, int } from '../schema/scalar.ts'
import type { Form, Infer, JsonSchema } from '../schema/schema.ts'
import { type Fields, optional, type Struct, structForm } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { where } from '../schema/where.ts'
import { compareForm } from './compare.ts'
import { scaled } from './decimal.ts'
import { instant } from './instant.ts'
import {
  line,
  lines,
  namedImage,
  outputFields,
  program,
  projectName,
  replicas,
  tags,
} from './job.ts'
import { roots, sandboxPath } from './path.ts'
import { checkJob } from './rules.ts'
import { programForm, type Source, sourceForm } from './source.ts'
import { sweepForm } from './sweep.ts'

const GB = 1_000_000_000

/** Says that a map has just one of some keys, in the check and in the JSON Schema. */
function exactlyOne<F extends Fields<Form<unknown>>>(
  keys: readonly string[],
  fields: F,
): Form<Struct<F>> {
  const form = structForm(fields)
  return where({ ...form, json: oneRequired(form.json, keys) }, (value, place) => {
    const given = keys.filter((key) => Object.hasOwn(value as object, key))
    if (given.length !== 1) place.fault('document.rule', `give one of ${keys.join(', ')}`)
  })
}

function oneRequired(json: JsonSchema, keys: readonly string[]): JsonSchema {
  return { ...json, oneOf: keys.map((key) => ({ required: [key] })) }
}

const executor = mapped(
  exactlyOne(['module', 'image'], {
    module: optional(programForm({ about: 'A WebAssembly module: ./pi.wasm, or ipfs://CID.' })),
    image: optional(
      text({
        kind: 'raw',
        min: 1,
        max: limits.imageBytesMax,
        about: 'A container image by digest, or an archive of one: ./image.tar#sha256:ID.',
        examples: ['debian@sha256:<64 hexadecimal digits>'],
      }),
    ),
    command: optional(program.command),
    env: optional(program.env),
    stdin: optional(program.stdin),
    stdout: optional(program.stdout),
    stderr: optional(program.stderr),
    workdir: optional(program.workdir),
    ignore_error: optional(program.ignoreError),
  }),
  ({ module, image, command = [], env = {}, ignore_error = false, ...rest }, place) => {
    const started = { command, env, ...rest, ignoreError: ignore_error }
    if (module !== undefined) return { type: 'wasm' as const, module, ...started }
    const named = imageOf(image as string, place.below('image'))
    return named === undefined ? undefined : { type: 'docker' as const, ...named, ...started }
  },
)

/** An image by digest; or where its archive is, and the digest that the archive must have. */
function imageOf(written: string, place: Place): { image: string; archive?: Source } | undefined {
  if (new RegExp(namedImage).test(written)) return { image: written }
  const at = written.lastIndexOf('#sha256:')
  const image = written.slice(at + 1)
  if (at === -1 || !/^sha256:[0-9a-f]{64}$/.test(image)) {
    const wrong = 'expected name@sha256:..., or ./archive.tar#sha256:... with 64 digits'
    return place.fault('document.form', `${wrong}, found ${found(written)}`)
  }
  const archive = programForm({}).parse(written.slice(0, at), place)
  return archive === undefined ? undefined : { image, archive }
}

const kind = choice(['FILE', 'DIRECTORY'], { about: 'FILE if left out.' })
const kinds = { FILE: 'file', DIRECTORY: 'directory' } as const

const input = mapped(
  exactlyOne(['url', 'content'], {
    name: optional(line('What it is called.')),
    description: optional(lines('What it is.')),
    url: optional(
      sourceForm({
        about: 'A relative path, ipfs://CID/path, https://...#sha256=..., or data:;base64,...',
        examples: ['./data/part-{{unit}}.csv'],
      }),
    ),
    content: optional(
      text({ kind: 'raw', max: limits.contentBytesMax, about: 'The text itself.' }),
    ),
    path: sandboxPath(roots.read, { about: 'Where the unit finds it.', examples: ['/in/a.csv'] }),
    type: optional(kind),
  }),
  ({ url, content = '', type = 'FILE', ...rest }, place) => {
    const from: Source = url ?? { type: 'text', text: content }
    if (type === 'DIRECTORY' && (from.type === 'text' || from.type === 'bytes')) {
      return place.below('type').fault('document.rule', 'a text is a FILE')
    }
    return { ...rest, kind: kinds[type], from }
  },
)

const output = mapped(
  structForm({ ...outputFields, type: optional(kind) }),
  ({ type = 'FILE', ...rest }) => ({ ...rest, kind: kinds[type] }),
)

const askedForm = structForm(
  {
    cpu_cores: optional(int({ min: 1, max: limits.coresMax, about: 'Cores; 1 if left out.' })),
    ram_gb: optional(
      scaled({
        min: 1,
        max: limits.storageBytesMax,
        unit: GB,
        about: 'Memory; 0.512 if left out.',
      }),
    ),
    disk_gb: optional(
      scaled({ min: 0, max: limits.storageBytesMax, unit: GB, about: 'Disk; 1 if left out.' }),
    ),
    gpus: optional(int({ min: 0, max: limits.gpusMax, about: 'Accelerators; 0 if left out.' })),
    gpu_ram_gb: optional(
      scaled({ min: 0, max: limits.storageBytesMax, unit: GB, about: 'Memory of each.' }),
    ),
    fuel: optional(
      int({ min: 1, max: limits.fuelMax, about: 'WebAssembly instructions of a unit at most.' }),
    ),
    seconds: optional(
      int({
        min: 1,
        max: limits.unitMsMax / 1000,
        about: 'Wall-clock time of a unit at most; an hour if left out.',
      }),
    ),
  },
  { about: 'What one unit may use.' },
)

const resources = mapped(askedForm, resourcesOf)

/** What a unit may use, what the descriptor leaves out filled in. */
function resourcesOf(asked: Infer<typeof askedForm>) {
  return {
    cores: asked.cpu_cores ?? 1,
    ramBytes: asked.ram_gb ?? limits.unitRamBytesDefault,
    diskBytes: asked.disk_gb ?? limits.unitDiskBytesDefault,
    gpus: asked.gpus ?? 0,
    gpuRamBytes: asked.gpu_ram_gb ?? 0,
    fuel: asked.fuel ?? limits.unitFuelDefault,
    unitMs: asked.seconds === undefined ? limits.unitMsDefault : asked.seconds * 1000,
  }
}

const fields = {
  nexapod: choice(['v1'], { about: 'The version of this form of descriptor.' }),
  name: line('What the job is called.'),
  description: optional(lines('What it is for, in plain words: volunteers read it.')),
  project: optional(projectName),
  tags: optional(dictForm(tags.name, tags.value, tags.options)),
  executors: listForm(executor, {
    min: 1,
    max: limits.executorsMax,
    about: 'The programs of a unit, one after the other.',
  }),
  inputs: optional(listForm(input, { max: limits.inputsMax, about: 'What each unit is given.' })),
  outputs: listForm(output, {
    min: 1,
    max: limits.outputsMax,
    about: 'What each unit leaves: compared between nodes, and yours at the end.',
  }),
  volumes: optional(
    listForm(sandboxPath(roots.scratch), {
      max: limits.volumesMax,
      about: 'Directories that the programs of a unit share.',
    }),
  ),
  resources: optional(resources),
  sweep: optional(sweepForm),
  replicas: optional(replicas),
  compare: optional(
    listForm(compareForm, {
      max: limits.compareRulesMax,
      about: 'How outputs are compared where not byte for byte.',
    }),
  ),
  priority: optional(
    int({ min: 0, max: limits.priorityMax, about: 'Among your jobs; 5 if left out.' }),
  ),
  deadline: optional(instant),
  budget: optional(
    scaled({ min: 1, max: limits.microMax, unit: 1_000_000, about: 'Credits to spend at most.' }),
  ),
}

/** A descriptor as people write it, read: a job but for its home, its key and its CIDs. */
export const descriptorForm = where(
  mapped(structForm(fields, { about: 'A NEXAPod job.' }), ({ nexapod: _, ...written }) => {
    const { inputs = [], tags = {}, volumes = [], compare = [], priority = 5, ...rest } = written
    const { budget, resources: asked = resourcesOf({}), ...others } = rest
    return {
      ...others,
      ...(budget === undefined ? {} : { budgetMicro: budget }),
      ...{ inputs, tags, volumes, compare, priority, resources: asked },
    }
  }),
  checkJob,
)

/** What a descriptor says. */
export type Draft = Infer<typeof descriptorForm>

/** Reads a descriptor from parsed YAML or JSON, or says everything that is wrong with it. */
export function parseDescriptor(input: unknown): Answer<Draft> {
  const seen = new Set<unknown>()
  const cycle = findCycle(input, '', [], seen)
  if (cycle !== undefined) return refuse('job.cycle', { at: cycle, detail: 'it contains itself' })
  if (seen.size > limits.descriptorMapsMax) {
    const detail = `more than ${limits.descriptorMapsMax} lists and maps`
    return refuse('bytes.too-large', { detail })
  }
  return fromJson(descriptorForm, input)
}

/**
 * The place of a value that contains itself, as an alias in YAML can. Each value is looked into
 * once: aliases of aliases would multiply.
 */
function findCycle(
  value: unknown,
  at: string,
  above: readonly unknown[],
  seen: Set<unknown>,
): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (above.includes(value)) return at
  const enough = above.length >= limits.documentDepthMax || seen.size > limits.descriptorMapsMax
  if (enough || seen.has(value)) return undefined
  seen.add(value)
  for (const key in value) {
    const part = (value as Readonly<Record<string, unknown>>)[key]
    if (typeof part !== 'object') continue
    const cycle = findCycle(part, at === '' ? key : `${at}.${key}`, [...above, value], seen)
    if (cycle !== undefined) return cycle
  }
  return undefined
}
