import { isDeepStrictEqual } from 'node:util'
import { limits } from '@nexapod/specs'
import type {
  ContainerCreateOptions,
  ContainerInspectInfo,
  HostConfig,
  MountSettings,
} from 'dockerode'

/** What a container is made for: all that differs between two of them. */
export interface Wanted {
  /** The image, by the id that the engine has it by. */
  readonly image: string
  /** What the image itself runs first, if anything. */
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly workdir: string | undefined
  readonly readsInput: boolean
  readonly cores: number
  readonly cpuPercent: number
  readonly ramBytes: number
  readonly diskBytes: number
  readonly unitMs: number
  readonly volumes: readonly {
    readonly name: string
    readonly path: string
    readonly writes: boolean
  }[]
  /** Whether `/tmp` is one of the volumes. */
  readonly sharesTmp: boolean
  /** Directories for which the image wants a volume: it has none, but some memory of its own. */
  readonly covered: readonly string[]
  /** Accelerators, by what their driver calls them. */
  readonly gpus: readonly string[]
  readonly runtime: 'runc' | 'runsc'
  readonly labels: Readonly<Record<string, string>>
}

/** Nobody: no file of an image or a machine should be theirs. */
const nobody = '65534:65534'

/** How long a period is of which a container gets its share, in microseconds. */
const periodUs = 100_000

/** The part of a period that so many cores at so many percent are. */
export function quotaUs(cores: number, cpuPercent: number): number {
  return Math.max(1000, Math.round((cores * cpuPercent * periodUs) / 100))
}

/** What a container is made with: nothing but what its programs need. */
export function containerOptions(wanted: Wanted): ContainerCreateOptions {
  const { readsInput, workdir, entrypoint } = wanted
  return {
    Image: wanted.image,
    Cmd: [...wanted.command],
    ...(entrypoint.length === 0 ? {} : { Entrypoint: [...entrypoint] }),
    Env: Object.entries(wanted.variables).map(([name, value]) => `${name}=${value}`),
    ...(workdir === undefined ? {} : { WorkingDir: workdir }),
    // A name that is the same everywhere: programs write it into what is compared.
    Hostname: 'unit',
    User: nobody,
    NetworkDisabled: true,
    Tty: false,
    AttachStdin: readsInput,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: readsInput,
    StdinOnce: readsInput,
    // What an image calls a check of its health is a program that nobody asked for.
    Healthcheck: { Test: ['NONE'] },
    Labels: { ...wanted.labels },
    HostConfig: hostOptions(wanted),
  }
}

function hostOptions(wanted: Wanted): HostConfig & { readonly CgroupnsMode: string } {
  const { ramBytes, diskBytes, cores, gpus } = wanted
  const seconds = (Math.ceil(wanted.unitMs / 1000) + 60) * cores
  return {
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    Privileged: false,
    CapDrop: ['ALL'],
    // With nothing said of seccomp the engine's own profile holds; the probe looks that it has one.
    SecurityOpt: ['no-new-privileges'],
    IpcMode: 'private',
    CgroupnsMode: 'private',
    PidsLimit: limits.containerPidsMax,
    Memory: ramBytes,
    // As much as the memory: none of it may be swapped.
    MemorySwap: ramBytes,
    // The least that the kernel knows: whatever else the engine runs goes first.
    CpuShares: 2,
    CpuPeriod: periodUs,
    CpuQuota: quotaUs(cores, wanted.cpuPercent),
    Ulimits: [
      ulimit('nofile', limits.containerDescriptorsMax),
      ulimit('core', 0),
      // A byte more than a unit may leave: what was cut off is seen to be too much.
      ulimit('fsize', diskBytes + 1),
      // Whatever nobody watches any more ends, too.
      ulimit('cpu', seconds),
    ],
    Mounts: mountsOf(wanted),
    ...(wanted.sharesTmp ? {} : { Tmpfs: { '/tmp': tmpOptions(ramBytes) } }),
    LogConfig: { Type: 'none', Config: {} },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    AutoRemove: false,
    Runtime: wanted.runtime,
    ...(gpus.length === 0 ? {} : { DeviceRequests: [devicesOf(gpus)] }),
  }
}

function ulimit(Name: string, most: number) {
  return { Name, Soft: most, Hard: most }
}

function mountsOf({ volumes, covered, labels }: Wanted): MountSettings[] {
  const taken = new Set(volumes.map(({ path }) => path))
  return [
    ...volumes.map(({ name, path, writes }): MountSettings => {
      return {
        Type: 'volume',
        Source: name,
        Target: path,
        ReadOnly: !writes,
        VolumeOptions: {
          NoCopy: true,
          Labels: { ...labels },
          DriverConfig: { Name: 'local', Options: {} },
        },
      }
    }),
    ...covered
      .filter((path) => !taken.has(path) && path !== '/tmp')
      .map((path): MountSettings => {
        const TmpfsOptions = { SizeBytes: coveredBytes, Mode: 0o1777 }
        return { Type: 'tmpfs', Source: '', Target: path, ReadOnly: false, TmpfsOptions }
      }),
  ]
}

const coveredBytes = 16 * 1024 * 1024

function tmpOptions(ramBytes: number): string {
  const size = Math.min(limits.containerTmpBytesMax, Math.floor(ramBytes / 2))
  const nodes = limits.containerTmpNodesMax
  return `rw,noexec,nosuid,nodev,size=${size},nr_inodes=${nodes},mode=1777`
}

function devicesOf(gpus: readonly string[]) {
  const named = { Driver: 'nvidia', Count: 0, DeviceIDs: [...gpus] }
  return { ...named, Capabilities: [['gpu']], Options: {} }
}

/**
 * What of a container that was made is not as it was wanted, by the names that the engine has for
 * it. What is not named here has to be nothing at all: an engine that knows more ways out than
 * this list gives none of them away by itself.
 */
export function faultsOf(options: ContainerCreateOptions, made: ContainerInspectInfo): string[] {
  const { HostConfig = {}, Image, Labels, Env = [], Healthcheck, ...config } = options
  const { Mounts = [], ...host } = HostConfig
  const faults = differences('Config', config, made.Config)
  faults.push(...differences('HostConfig', host, made.HostConfig))
  for (const [key, value] of Object.entries(made.HostConfig)) {
    if (Object.hasOwn(HostConfig, key) || usual.has(key) || isNothing(value)) continue
    faults.push(`HostConfig.${key}`)
  }
  for (const key of ['MaskedPaths', 'ReadonlyPaths'] as const) {
    const paths: unknown = Reflect.get(made.HostConfig, key)
    if (!Array.isArray(paths) || paths.length < 4) faults.push(`HostConfig.${key}`)
  }
  if (made.Image !== Image) faults.push('Image')
  // How often nothing is done, an image may say.
  const check: unknown = Reflect.get(Object(made.Config.Healthcheck), 'Test')
  if (!isDeepStrictEqual(check, Healthcheck?.Test)) faults.push('Config.Healthcheck')
  if (Env.some((one) => !made.Config.Env?.includes(one))) faults.push('Config.Env')
  for (const [name, value] of Object.entries(Labels ?? {})) {
    if (made.Config.Labels?.[name] !== value) faults.push('Config.Labels')
  }
  const asked: readonly MountSettings[] = Reflect.get(made.HostConfig, 'Mounts') ?? []
  if (!isDeepStrictEqual(mountsIn(Mounts), mountsIn(asked))) faults.push('HostConfig.Mounts')
  if (!isDeepStrictEqual(mountsIn(Mounts), mountsMade(made))) faults.push('Mounts')
  if (made.State.Status !== 'created') faults.push('State')
  return faults
}

/** What engines fill in, and gives a container nothing. */
const usual: ReadonlySet<string> = new Set([
  'ConsoleSize',
  'ShmSize',
  'MaskedPaths',
  'ReadonlyPaths',
])

function differences(name: string, wanted: object, found: object): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const given: unknown = Reflect.get(found, key)
    const same = isNothing(value) ? isNothing(given) : isDeepStrictEqual(value, plain(given))
    return same ? [] : [`${name}.${key}`]
  })
}

/** Objects of the engine's answer as they would have been written here. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) {
    return true
  }
  return typeof value === 'object' && Object.values(value).every(isNothing)
}

function mountsIn(mounts: readonly MountSettings[]): string[] {
  return mounts
    .map(({ Type, Source = '', Target, ReadOnly }) => `${Type} ${Source} ${Target} ${!ReadOnly}`)
    .sort()
}

function mountsMade({ Mounts }: ContainerInspectInfo): string[] {
  return Mounts.map(({ Type, Name = '', Destination, RW }) => {
    return `${Type} ${Name} ${Destination} ${RW}`
  }).sort()
}
