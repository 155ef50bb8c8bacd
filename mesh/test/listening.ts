import { opened } from './scene.ts'

/** A coordinator in a process of its own, which says where it is and how much memory it has. */
const mesh = await opened()
process.on('message', () => process.send?.(process.memoryUsage().rss))
process.once('disconnect', () => void mesh[Symbol.asyncDispose]())
process.send?.(mesh.addresses())
