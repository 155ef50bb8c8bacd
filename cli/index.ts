/** What a program does with a mesh: publish, follow, results, verify. */

export { type Bundle, checkBundle } from './sdk/bundle.ts'
export {
  type ConnectConfig,
  type Connection,
  connect,
  type Why,
} from './sdk/connect.ts'
export type { Progress } from './sdk/progress.ts'
export type { Published, Publishing } from './sdk/publishing.ts'
export type { Kept } from './sdk/results.ts'
export type { Looked, Stand } from './sdk/stands.ts'
export type { Verified } from './sdk/verified.ts'
