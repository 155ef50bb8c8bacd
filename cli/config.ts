import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where things are: NEXAPOD_HOME before the directories that the system names. */
export interface Places {
  /** The publisher's key. */
  readonly key: string
  /** The mesh that was joined. */
  readonly mesh: string
  /** What nodes and coordinators keep. */
  readonly data: string
  /** Jobs that were published from here. */
  readonly jobs: string
  /** Credit that is on its way from here to another chain. */
  readonly moves: string
}

/** A directory, and what said that it is there: a variable of the environment, or nobody. */
interface Placed {
  readonly path: string
  readonly by?: string
}

/** Where things are on this machine, by an environment. */
export function placesOf(env: NodeJS.ProcessEnv, home: string): Places {
  const { config, data, state } = rootsOf(env, home)
  return {
    key: join(config.path, 'key'),
    mesh: join(config.path, 'mesh'),
    data: data.path,
    jobs: join(state.path, 'jobs'),
    moves: join(state.path, 'moves'),
  }
}

/** The three directories that all places are in, and what says where they are. */
export function rootsOf(
  env: NodeJS.ProcessEnv,
  home: string,
): Readonly<Record<'config' | 'data' | 'state', Placed>> {
  const own = env.NEXAPOD_HOME
  // A path that is not absolute is ignored: so says the XDG base directory specification.
  const named = (name: string, usual: string): Placed => {
    if (own) return { path: own, by: 'NEXAPOD_HOME' }
    const path = env[name] ?? ''
    if (path.startsWith('/')) return { path: join(path, 'nexapod'), by: name }
    return { path: join(home, usual, 'nexapod') }
  }
  return {
    config: named('XDG_CONFIG_HOME', '.config'),
    data: named('XDG_DATA_HOME', '.local/share'),
    state: named('XDG_STATE_HOME', '.local/state'),
  }
}

/** Where things are for whoever runs this process. */
export const places = placesOf(process.env, homedir())

/** Where all of it is, if the environment says so. */
export const ownHome = process.env.NEXAPOD_HOME || undefined

/** Where whoever runs this process keeps the configuration of all programs. */
export const configHome = process.env.XDG_CONFIG_HOME?.startsWith('/')
  ? process.env.XDG_CONFIG_HOME
  : join(homedir(), '.config')

/** What says so. */
export const roots = rootsOf(process.env, homedir())

/** The mesh that the environment names. */
export const meshOfEnvironment = process.env.NEXAPOD_MESH

/** The coordinator that the environment wants jobs to go to. */
export const coordinatorOfEnvironment = process.env.NEXAPOD_COORDINATOR

/** Whether the environment wants no colours: see no-color.org. */
export const noColor = (process.env.NO_COLOR ?? '') !== ''
