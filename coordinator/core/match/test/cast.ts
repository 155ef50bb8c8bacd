import type { ChainId, Cid, Executor, Job, NodeId, Offer, PublisherId } from '@nexapod/specs'
import fc from 'fast-check'

/** A container image, by a short name. */
export function imageOf(name: string): string {
  return `${name}@sha256:${'a'.repeat(64)}`
}

/** A CID, by a letter. */
export function cidOf(letter: string): Cid {
  return `b${letter.repeat(58)}` as Cid
}

const program = { command: [], env: {}, ignoreError: false }

/** A program as a WebAssembly module. */
export const wasm: Executor = { type: 'wasm', module: cidOf('m'), ...program }

/** A program as a container image. */
export function docker(name: string): Executor {
  return { type: 'docker', image: imageOf(name), ...program }
}

/** A small job, with some of it changed. */
export function jobWith(
  change: Partial<Omit<Job, 'resources'>> & { resources?: Partial<Job['resources']> } = {},
): Job {
  const { resources, ...more } = change
  return {
    v: 1,
    home: 'c'.repeat(64) as ChainId,
    publisher: 'ada' as PublisherId,
    nonce: new Uint8Array(16),
    issued: 0,
    expires: 1,
    name: 'pi',
    tags: {},
    executors: [wasm],
    inputs: [],
    outputs: [{ kind: 'file', path: '/out/pi.txt' }],
    volumes: [],
    resources: {
      cores: 1,
      ramBytes: 500,
      diskBytes: 1000,
      gpus: 0,
      gpuRamBytes: 0,
      fuel: 1_000_000,
      unitMs: 3_600_000,
      ...resources,
    },
    compare: [],
    priority: 5,
    ...more,
  }
}

/** What a laptop lends, with some of it changed. */
export function offerWith(change: Partial<Offer> = {}): Offer {
  return {
    v: 1,
    node: 'eve' as NodeId,
    tier: 'cpu',
    platform: { os: 'linux', arch: 'arm64' },
    cores: 4,
    ramBytes: 8000,
    diskBytes: 20_000,
    gpus: [],
    executors: [{ type: 'wasm', profile: 1, fuelPerSecond: 1000 }],
    units: 4,
    windowMs: 4 * 3_600_000,
    projects: [],
    avoids: { projects: [], publishers: [] },
    has: [],
    ...change,
  }
}

const publishers = ['ada', 'bob', 'cy'] as PublisherId[]
const projects = ['ising', 'folding', 'mining']
const images = ['ghcr.io/lab/a', 'ghcr.io/lab/b', 'quay.io/c']
const size = fc.nat(4)

const kinds = fc.oneof(
  fc.constant([wasm]),
  fc.subarray(images, { minLength: 1 }).map((names) => names.map(docker)),
)

/** Jobs that differ in whatever a match looks at, in few values each. */
export const jobs: fc.Arbitrary<Job> = fc
  .record({
    publisher: fc.constantFrom(...publishers),
    project: fc.option(fc.constantFrom(...projects), { nil: undefined }),
    executors: kinds,
    resources: fc.record({
      cores: size,
      ramBytes: size,
      diskBytes: size,
      gpus: fc.nat(2),
      gpuRamBytes: size,
      fuel: fc.nat(4000),
      unitMs: size.map((hours) => hours * 1000),
    }),
  })
  .map(({ project, ...job }) => jobWith({ ...job, ...(project ? { project } : {}) }))

const some = <T>(values: readonly T[]) => fc.subarray([...values], { maxLength: 2 })
const wasmOffer = fc.record({
  type: fc.constant('wasm' as const),
  profile: fc.constant(1),
  fuelPerSecond: fc.integer({ min: 1, max: 2000 }),
})
const dockerOffer = fc.record({
  type: fc.constant('docker' as const),
  isolation: fc.constantFrom('runc' as const, 'runsc' as const),
  anyImage: fc.boolean(),
})

/** Offers in the same values. */
export const offers: fc.Arbitrary<Offer> = fc
  .record({
    tier: fc.constantFrom('cpu' as const, 'gpu' as const, 'hpc' as const),
    cores: size,
    ramBytes: size,
    diskBytes: size,
    gpus: fc.array(
      size.map((ramBytes) => ({ name: 'GPU', ramBytes })),
      { maxLength: 3 },
    ),
    executors: fc.oneof(
      fc.tuple(wasmOffer),
      fc.tuple(dockerOffer),
      fc.tuple(wasmOffer, dockerOffer),
    ),
    units: fc.nat(9),
    windowMs: size.map((hours) => hours * 1000),
    projects: some(projects),
    avoids: fc.record({ projects: some(projects), publishers: some(publishers) }),
  })
  .map(offerWith)

/** The images that owners are known to allow. */
export const allowed: fc.Arbitrary<readonly string[]> = some([
  'ghcr.io/lab/',
  'quay.io/c',
  imageOf('ghcr.io/lab/b'),
])
