import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Cid, limits } from '@nexapod/specs'
import type { ImageInspectInfo } from 'dockerode'
import { type Docker, ifThere, isOfEngine } from './engine.ts'
import { readImageArchive } from './image-archive.ts'
import { pack } from './tar.ts'

/** What an executor needs of data that is too large for memory. */
export interface Archives {
  /** Writes a file to a path where nothing is; false if it is not there any more. */
  save(cid: Cid, path: string, bytesMax: number, signal: AbortSignal): Promise<boolean>
}

/** An image as a job names it. */
export interface ImageWanted {
  /** `name@sha256:...`, or with an archive also `sha256:...`. */
  readonly image: string
  readonly archive?: Cid | undefined
}

/** Where images come from, and how much of them is kept. */
export interface ImagesConfig {
  readonly docker: Docker
  readonly archives: Archives
  /** Where archives lie while they are looked at. */
  readonly directory: string
  /** Of all images together that were brought for units. */
  readonly bytesMax: number
}

/**
 * The repository of the tags by which an engine knows what was brought for units, and when it was
 * last of use: a tag is set again each time. Other images are their owner's: they are used, and
 * never taken away.
 */
const ours = 'nexapod/image'

/** The images of an engine, those first that are there. */
export class Images {
  readonly #config: ImagesConfig
  readonly #coming = new Map<string, Promise<ImageInspectInfo | undefined>>()

  constructor(config: ImagesConfig) {
    this.#config = config
  }

  /** An image by its digest; undefined if nobody has it, or what they have is another. */
  async have(wanted: ImageWanted, signal: AbortSignal): Promise<ImageInspectInfo | undefined> {
    const { image } = wanted
    const here = await this.#here(wanted)
    if (here !== undefined) return here
    const coming = this.#coming.get(image)
    // Another unit that waits for it may be given up; then this one begins anew.
    if (coming !== undefined) return (await coming) ?? (await this.have(wanted, signal))
    const bringing = this.#bring(wanted, signal)
    this.#coming.set(image, bringing)
    try {
      return await bringing
    } finally {
      this.#coming.delete(image)
    }
  }

  /** Lets go of what was not of use for longest, until there is room for so much more. */
  async trim(moreBytes: number): Promise<void> {
    const kept = await this.#kept()
    let bytes = kept.reduce((sum, { Size }) => sum + Size, moreBytes)
    for (const image of kept) {
      if (bytes <= this.#config.bytesMax) return
      if (await this.#drop(image)) bytes -= image.Size
    }
  }

  async #here({ image, archive }: ImageWanted): Promise<ImageInspectInfo | undefined> {
    const { docker } = this.#config
    // What an archive is called by is the digest of its configuration, which is the engine's id.
    const name = archive === undefined ? image : digestIn(image)
    const found = await ifThere(docker.getImage(name).inspect())
    if (found === undefined) return undefined
    const mine = found.RepoTags?.some((tag) => tag.startsWith(`${ours}:`)) ?? false
    if (mine) await this.#mark(found.Id)
    return found
  }

  async #bring(wanted: ImageWanted, given: AbortSignal): Promise<ImageInspectInfo | undefined> {
    const signal = AbortSignal.any([given, AbortSignal.timeout(limits.imageMs)])
    const { docker, bytesMax } = this.#config
    const { image, archive } = wanted
    const came =
      archive === undefined
        ? await this.#pull(image, signal)
        : await this.#load(image, archive, signal)
    if (!came) return undefined
    const name = archive === undefined ? image : digestIn(image)
    const found = await ifThere(docker.getImage(name).inspect())
    if (found === undefined) return undefined
    await this.#mark(found.Id)
    if (found.Size > bytesMax) {
      await this.#drop(found)
      return undefined
    }
    await this.trim(0)
    return found
  }

  /** Has the engine fetch it from the registry in its name; it compares the digest itself. */
  async #pull(image: string, signal: AbortSignal): Promise<boolean> {
    const { docker, bytesMax } = this.#config
    const ending = new AbortController()
    const abortSignal = AbortSignal.any([signal, ending.signal])
    const sizes = new Map<string, number>()
    try {
      const said = await docker.pull(image, { abortSignal })
      let line = ''
      for await (const bytes of said) {
        const lines = `${line}${bytes}`.split('\n')
        line = lines.pop() ?? ''
        for (const one of lines.filter((text) => text.trim() !== '')) {
          const { id, error, progressDetail } = JSON.parse(one)
          if (error !== undefined) return false
          if (progressDetail?.total !== undefined) sizes.set(String(id), progressDetail.total)
        }
        // An engine that nobody listens to gives up.
        if ([...sizes.values()].reduce((sum, size) => sum + size, 0) > bytesMax) ending.abort()
      }
      return true
    } catch (cause) {
      if (!isOfEngine(cause) && !abortSignal.aborted) throw cause
      return false
    }
  }

  /** Fetches its archive, looks whether it is the image, and gives it to the engine. */
  async #load(image: string, archive: Cid, signal: AbortSignal): Promise<boolean> {
    const { docker, archives, directory, bytesMax } = this.#config
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const path = join(directory, `${randomBytes(8).toString('hex')}.tar`)
    try {
      if (!(await archives.save(archive, path, bytesMax, signal))) return false
      const read = await readImageArchive(path, digestIn(image))
      if (read === undefined) return false
      await this.trim(read.bytes)
      const said = (await docker.loadImage(Readable.from(pack(read.things)), {
        quiet: true,
      })) as Readable
      for await (const bytes of said) if (String(bytes).includes('"error"')) return false
      return true
    } finally {
      await rm(path, { force: true })
    }
  }

  async #mark(id: string): Promise<void> {
    await this.#config.docker.getImage(id).tag({ repo: ours, tag: hexOf(id) })
  }

  /** What was brought for units, what was not of use for longest first. */
  async #kept(): Promise<readonly ImageInspectInfo[]> {
    const { docker } = this.#config
    const listed = await docker.listImages({ filters: { reference: [ours] } })
    const found = await Promise.all(listed.map(({ Id }) => ifThere(docker.getImage(Id).inspect())))
    const at = (image: ImageInspectInfo) => Date.parse(lastTagged(image))
    return found.filter((one) => one !== undefined).sort((a, b) => at(a) - at(b))
  }

  /** Takes one away, unless a container has it. What its owner calls it by stays. */
  async #drop({ Id, RepoDigests = [], RepoTags = [] }: ImageInspectInfo): Promise<boolean> {
    const { docker } = this.#config
    const isOurs = RepoTags.every((tag) => tag.startsWith(`${ours}:`))
    const names = [...(isOurs ? RepoDigests : []), `${ours}:${hexOf(Id)}`]
    try {
      for (const name of names) await ifThere(docker.getImage(name).remove())
      return true
    } catch (cause) {
      if (!isOfEngine(cause)) throw cause
      return false
    }
  }
}

function digestIn(image: string): string {
  return image.slice(image.lastIndexOf('sha256:'))
}

function hexOf(id: string): string {
  return id.slice('sha256:'.length)
}

function lastTagged(image: ImageInspectInfo): string {
  const metadata: unknown = Reflect.get(image, 'Metadata')
  const at: unknown = Reflect.get(Object(metadata), 'LastTagTime')
  return typeof at === 'string' ? at : image.Created
}
