import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configHome, meshOfEnvironment, ownHome } from '../config.ts'
import { print, write } from '../desk.ts'
import { exits } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { type Service, type System, services } from './service.ts'
import { directoryOf } from './up.ts'

const command = fileURLToPath(new URL('../main.js', import.meta.url))

/** A file that has the system lend this machine by itself: printed, or put where it belongs. */
export const install: Verb = async (given, desk) => {
  const system = (given.options.for ?? here()) as System
  const form = services[system]
  const text = form.text(serviceOf(given))
  if (given.options.write !== true) {
    await write(desk.stdout, text)
    return undefined
  }
  if (system !== here()) {
    const why = `this machine has ${here()}`
    const next = `nexapod node install --for ${system} > FILE, to be taken there`
    return { exit: exits.usage, what: `What is for ${system} was not written.`, why, next }
  }
  const directory = directoryAt(given)
  const path = form.path({ home: homedir(), config: configHome, directory })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, form.encoding)
  const commands = ['nexapod node up, once, to agree to what is lent', ...form.commands(path)]
  await print(desk, given.form, { path, commands }, [path])
  desk.stderr.write(`it was written, and nothing runs yet\n`)
  desk.stderr.write(commands.map((line) => `  next  ${line}\n`).join(''))
  return undefined
}

function here(): System {
  if (process.platform === 'darwin') return 'macos'
  return process.platform === 'win32' ? 'windows' : 'linux'
}

/** The node as it would be begun here by hand, from whatever directory it is begun. */
function serviceOf(given: Given): Service {
  const { mesh = meshOfEnvironment, limits, page } = given.options
  const directory = directoryAt(given)
  const said = [
    ...(typeof mesh === 'string' ? ['--mesh', mesh] : []),
    ...['node', 'up', '--dir', directory],
    ...(typeof limits === 'string' ? ['--limits', resolve(limits)] : []),
    ...(page === true ? ['--page'] : typeof page === 'string' ? ['--page', page] : []),
  ]
  return {
    program: [process.execPath, command, ...said],
    variables: ownHome === undefined ? {} : { NEXAPOD_HOME: resolve(ownHome) },
    log: join(directory, 'service.log'),
  }
}

function directoryAt(given: Given): string {
  return resolve(directoryOf(given, 'node'))
}
