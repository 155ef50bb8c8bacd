import { File } from './file.ts'
import { bytesOf, type Call } from './record.ts'
import { Folder, type Volume } from './volume.ts'

interface Opened {
  readonly item: File | Folder
  readonly path: string
  readonly appends: boolean
  at: number
}

/** Does again, on a volume, what a recorded process did to the files in a folder. */
export class Replay {
  readonly #volume: Volume
  readonly #root: string
  readonly #heeds: (path: string) => boolean
  readonly #opened = new Map<number, Opened>()
  /** What the process has said. */
  words = ''

  /** Syncs of paths that are not heeded do nothing, as on a disk that lies. */
  constructor(volume: Volume, root: string, heeds: (path: string) => boolean = () => true) {
    this.#volume = volume
    this.#root = `${root}/`
    this.#heeds = heeds
  }

  /** Does one call; tells whether it was one that changed anything here. */
  step(call: Call): boolean {
    const { name } = call
    if (/^(open|openat|creat)$/.test(name)) return this.#open(call)
    if (/^(mkdir|rename|link|unlink|rmdir)/.test(name)) return this.#rename(call)
    const fd = Number(call.args[name === 'copy_file_range' ? 2 : 0])
    if (name === 'write' && fd === 1) {
      this.words += bytesOf(call.args[1])
      return true
    }
    const opened = this.#opened.get(fd)
    if (opened === undefined) return false
    const { item, path } = opened
    if (name === 'close') this.#opened.delete(fd)
    else if (/^f(data)?sync$/.test(name) && this.#heeds(path)) this.#volume.sync(item, call.began)
    else if (item instanceof File) this.#write(call, opened, item)
    return true
  }

  #write({ name, args, result, line }: Call, opened: Opened, file: File): void {
    switch (name) {
      case 'lseek':
        opened.at = result
        return
      case 'ftruncate':
        file.cut(Number(args[1]), line)
        return
      case 'pwrite64':
        file.write(Number(args[3]), written(args, result), line)
        return
      case 'write':
      case 'copy_file_range':
      case 'sendfile': {
        const bytes = name === 'write' ? written(args, result) : this.#copied(name, args, result)
        const at = opened.appends ? file.size : opened.at
        if (bytes.length > 0) file.write(at, bytes, line)
        opened.at = at + bytes.length
        return
      }
      case 'writev':
      case 'pwritev':
        throw new Error(`${name} is not foreseen`)
    }
  }

  /** Bytes that went from one file to another within the kernel. */
  #copied(name: string, args: readonly string[], count: number): Buffer {
    const [fd, offset] = name === 'sendfile' ? [args[1], args[2]] : [args[0], args[1]]
    const { item } = this.#opened.get(Number(fd)) ?? {}
    const at = Number(/^\[(\d+)/.exec(offset ?? '')?.[1])
    if (!(item instanceof File) || !(at >= 0)) throw new Error(`${name} is not foreseen`)
    return Buffer.from(item.bytes.subarray(at, at + count))
  }

  #open({ name, args, result, line }: Call): boolean {
    const path = this.#pathOf(args.find((arg) => arg.startsWith('"')))
    if (path === undefined) return false
    const flags = name === 'creat' ? 'O_CREAT|O_TRUNC' : (args.find((arg) => /^O_/.test(arg)) ?? '')
    if (path === '') {
      this.#opened.set(result, { item: this.#volume.root, path, appends: false, at: 0 })
      return true
    }
    const [folder, last] = this.#volume.place(path)
    let item = folder.names.get(last)
    if (item === undefined) {
      if (!flags.includes('O_CREAT')) throw new Error(`${path} was opened, and is not there`)
      item = new File()
      this.#volume.change({ line, folder, deed: `create ${path}`, puts: [[last, item]] })
    }
    if (flags.includes('O_TRUNC') && item instanceof File) item.cut(0, line)
    this.#opened.set(result, { item, path, appends: flags.includes('O_APPEND'), at: 0 })
    return true
  }

  #rename({ name, args, line }: Call): boolean {
    const [from, to] = args.filter((arg) => arg.startsWith('"')).map((arg) => this.#pathOf(arg))
    if (from === undefined) return false
    const [folder, last] = this.#volume.place(from)
    const change = { line, folder, deed: `${name} ${from}` }
    if (name.startsWith('mkdir')) {
      this.#volume.change({ ...change, puts: [[last, new Folder()]] })
    } else if (to === undefined) {
      this.#volume.change({ ...change, puts: [[last, undefined]] })
    } else {
      const [target, as] = this.#volume.place(to)
      const put = [as, folder.names.get(last)] as const
      if (name.startsWith('link')) {
        this.#volume.change({ ...change, folder: target, puts: [put] })
      } else {
        if (target !== folder) throw new Error(`${from} went to another folder`)
        this.#volume.change({ ...change, puts: [[last, undefined], put] })
      }
    }
    return true
  }

  /** The path in the folder, if it is in there. */
  #pathOf(arg = ''): string | undefined {
    const path = bytesOf(arg).toString()
    if (`${path}/` === this.#root) return ''
    return path.startsWith(this.#root) ? path.slice(this.#root.length) : undefined
  }
}

function written(args: readonly string[], count: number): Buffer {
  const bytes = bytesOf(args[1])
  if (bytes.length < count) throw new Error(`${count} bytes were written, ${bytes.length} recorded`)
  return bytes.subarray(0, count)
}
