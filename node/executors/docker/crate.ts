import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Docker } from './engine.ts'
import { ifThere, statusOf } from './engine.ts'
import { type Packed, pack } from './tar.ts'

/** A directory of the sandbox, and whether programs may write there. */
export interface Shelf {
  readonly path: string
  readonly writes: boolean
}

/** The image of a crate: it holds empty directories, and nothing in it is ever run. */
const image = 'nexapod/crate:1'

const roots = ['in', 'out', 'scratch', 'tmp'] as const

/** A directory as programs find it: that of the inputs is not theirs. */
export function directory(path: string): Packed {
  const isInput = path === 'in' || path.startsWith('in/')
  return { path, mode: isInput ? 0o555 : 0o755, owner: isInput ? 0 : nobody, seconds: 0 }
}

/** A file as programs find it. */
export function file(path: string, content: Uint8Array): Packed {
  const isInput = path.startsWith('in/')
  return { path, content, mode: isInput ? 0o444 : 0o644, owner: isInput ? 0 : nobody, seconds: 0 }
}

const nobody = 65534

/**
 * The volumes of a unit, and a container that never starts: through it files go in before a
 * program begins, and come out when it has ended. So an engine may be on another machine, and no
 * directory of this one is given to a stranger.
 */
export class Crate {
  readonly #docker: Docker
  readonly #id: string
  readonly volumes: readonly (Shelf & { readonly name: string })[]

  private constructor(docker: Docker, id: string, volumes: Crate['volumes']) {
    this.#docker = docker
    this.#id = id
    this.volumes = volumes
  }

  /** Makes the volumes of a unit. What it makes bears the labels, so that it can be found. */
  static async open(
    docker: Docker,
    shelves: readonly Shelf[],
    labels: Readonly<Record<string, string>>,
  ): Promise<Crate> {
    const token = randomBytes(8).toString('hex')
    const volumes = shelves.map((shelf) => {
      return { ...shelf, name: `nexapod-${token}${shelf.path.replaceAll('/', '-')}` }
    })
    const Mounts = volumes.map(({ name, path }) => ({
      ...{ Type: 'volume' as const, Source: name, Target: path },
      VolumeOptions: {
        // The directories of the image give them their owners.
        ...{ NoCopy: false, Labels: { ...labels } },
        DriverConfig: { Name: 'local', Options: {} },
      },
    }))
    const options = {
      ...{ name: `nexapod-${token}`, Image: image, Cmd: ['nothing'], User: '65534:65534' },
      ...{ NetworkDisabled: true, Labels: { ...labels } },
      HostConfig: {
        ...{ NetworkMode: 'none', CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Mounts },
        LogConfig: { Type: 'none', Config: {} },
      },
    }
    const made: Docker.Container | undefined = await ifThere(docker.createContainer(options))
    if (made !== undefined) return new Crate(docker, made.id, volumes)
    await makeImage(docker)
    return new Crate(docker, (await docker.createContainer(options)).id, volumes)
  }

  /** Lays things into the sandbox. */
  async put(things: Iterable<Packed>): Promise<void> {
    const archive = Readable.from(pack(things))
    await this.#docker.getContainer(this.#id).putArchive(archive, { path: '/' })
  }

  /** What is at a path of the sandbox, as an archive; undefined if nothing is. */
  async take(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const asked = this.#docker.getContainer(this.#id).getArchive({ path })
    return (await ifThere(asked)) as unknown as Readable | undefined
  }

  /** Takes all of it away. */
  async close(): Promise<void> {
    await removeContainer(this.#docker, this.#id)
    await Promise.all(this.volumes.map(({ name }) => removeVolume(this.#docker, name)))
  }
}

/** Makes the image of crates. */
async function makeImage(docker: Docker): Promise<void> {
  const [repo, tag] = image.split(':')
  const said = await docker.importImage(Readable.from(pack(roots.map(directory))), { repo, tag })
  await new Promise((resolve, reject) => {
    said.once('end', resolve).once('error', reject).resume()
  })
}

/** Ends a container, whatever it does, and takes it away. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  try {
    await ifThere(docker.getContainer(id).remove({ force: true, v: true }))
  } catch (cause) {
    // Somebody else is taking it away already.
    if (statusOf(cause) !== 409) throw cause
    await ifThere(docker.getContainer(id).wait({ condition: 'removed' }))
  }
}

/** Takes a volume away. */
async function removeVolume(docker: Docker, name: string): Promise<void> {
  await ifThere(docker.getVolume(name).remove({ force: true }))
}

/** Takes away all that bears a label: what an earlier process of a node has left. */
export async function sweep(docker: Docker, label: string): Promise<number> {
  const filters = { label: [label] }
  const containers = await docker.listContainers({ all: true, filters })
  await Promise.all(containers.map(({ Id }) => removeContainer(docker, Id)))
  const { Volumes } = await docker.listVolumes({ filters })
  await Promise.all((Volumes ?? []).map(({ Name }) => removeVolume(docker, Name)))
  return containers.length
}
