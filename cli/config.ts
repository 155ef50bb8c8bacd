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
}

/** Where things are on this machine, by an environment. */
export function placesOf(env: NodeJS.ProcessEnv, home: string): Places {
  const own = env.NEXAPOD_HOME
  // A path that is not absolute is ignored: so says the XDG base directory specification.
  const named = (name: string, usual: string) => {
    const path = env[name] ?? ''
    return join(path.startsWith('/') ? path : join(home, usual), 'nexapod')
  }
  const config = own || named('XDG_CONFIG_HOME', '.config')
  const data = own || named('XDG_DATA_HOME', '.local/share')
  const state = own || named('XDG_STATE_HOME', '.local/state')
  return {
    key: join(config, 'key'),
    mesh: join(config, 'mesh'),
    data,
    jobs: join(state, 'jobs'),
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

/** The mesh that the environment names. */
export const meshOfEnvironment = process.env.NEXAPOD_MESH

/** Whether the environment wants no colours: see no-color.org. */
export const noColor = (process.env.NO_COLOR ?? '') !== ''
