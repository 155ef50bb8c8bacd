import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { parseInvitation } from '@nexapod/specs'
import { coordinatorOfEnvironment, noColor, places, roots } from '../config.ts'
import { columns, print } from '../desk.ts'
import type { Verb } from '../verb.ts'
import { invitationFrom } from './joined.ts'

/** Each setting, what it is, and what said so: flag before environment, file, default. */
export const explain: Verb = async (given, desk) => {
  const by = (root: keyof typeof roots) => {
    const { by: name } = roots[root]
    return name === undefined ? 'default' : `environment ${name}`
  }
  const mesh = await invitationFrom(given)
  const invitation = mesh === undefined ? undefined : parseInvitation(mesh.said)
  const meshIs = invitation?.ok
    ? `${invitation.value.name} ${invitation.value.mesh}`
    : (invitation?.refusal.code ?? 'none')
  const { json, output } = given.options
  const form = json === true ? 'flag --json' : output === undefined ? 'default' : 'flag --output'
  const settings = [
    { setting: 'mesh', value: meshIs, from: mesh?.from ?? 'default' },
    {
      setting: 'coordinator of jobs',
      value: coordinatorOfEnvironment || 'by a hash of publisher and job',
      from: coordinatorOfEnvironment ? 'environment NEXAPOD_COORDINATOR' : 'default',
    },
    { setting: 'key', value: await placed(places.key), from: by('config') },
    { setting: 'joined mesh', value: await placed(places.mesh), from: by('config') },
    { setting: 'node', value: await placed(join(places.data, 'node')), from: by('data') },
    {
      setting: 'coordinator',
      value: await placed(join(places.data, 'coordinator')),
      from: by('data'),
    },
    { setting: 'jobs', value: await placed(places.jobs), from: by('state') },
    { setting: 'output', value: given.form, from: form },
    {
      setting: 'colors',
      value: desk.hasColor ? 'on' : 'off',
      from: noColor ? 'environment NO_COLOR' : 'default: on where a person watches',
    },
  ]
  const rows = settings.map(({ setting, value, from }) => [setting, value, from])
  await print(desk, given.form, settings, columns([['SETTING', 'IS', 'FROM'], ...rows]))
  return undefined
}

/** A path, and whether something is there. */
async function placed(path: string): Promise<string> {
  return await access(path).then(
    () => path,
    () => `${path} (not there yet)`,
  )
}
