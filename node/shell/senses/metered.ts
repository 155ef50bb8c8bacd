import { saidBy } from './command.ts'
import type { Way } from './sense.ts'

/** Whether the way out is paid for by volume, as NetworkManager knows or guesses it. */
export const networkManager: Way<boolean> = {
  async look() {
    const name = 'org.freedesktop.NetworkManager'
    const at = `/${name.replaceAll('.', '/')}`
    const said = await saidBy('busctl', 'get-property', name, at, name, 'Metered')
    return said === undefined ? undefined : meteredOf(said)
  },
}

/** The same of each device, where there is nobody on the bus to ask with. */
export const nmcli: Way<boolean> = {
  async look() {
    const fields = 'GENERAL.TYPE,GENERAL.STATE,GENERAL.METERED'
    const said = await saidBy('nmcli', '-t', '-f', fields, 'device', 'show')
    return said === undefined ? undefined : meteredOfDevices(said)
  },
}

/** The property of the manager: 1 yes, 2 no, 3 and 4 the same by a guess, 0 unknown. */
export function meteredOf(said: string): boolean | undefined {
  const value = /^u (\d)\s*$/.exec(said)?.[1]
  if (value === '1' || value === '3') return true
  return value === '2' || value === '4' ? false : undefined
}

/** One device that is metered is enough; one that is not is one, if it leads anywhere. */
export function meteredOfDevices(said: string): boolean | undefined {
  const devices = said.split(/\n\s*\n/).map((device) => {
    const value = (key: string) =>
      new RegExp(`^GENERAL\\.${key}:(.*)$`, 'm').exec(device)?.[1] ?? ''
    return { type: value('TYPE'), state: value('STATE'), metered: value('METERED') }
  })
  const leading = devices.filter(({ type, state }) => {
    return state.startsWith('100 ') && ['ethernet', 'wifi', 'gsm', 'cdma', 'bt'].includes(type)
  })
  if (leading.some(({ metered }) => metered.startsWith('yes'))) return true
  const isFree = leading.length > 0 && leading.every(({ metered }) => metered.startsWith('no'))
  return isFree ? false : undefined
}
