import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Way } from './sense.ts'

/** What one sensor of a machine says. */
export interface Reading {
  /** What its driver calls what it measures. */
  readonly kind: string
  readonly milliCelsius: number
}

/** What the kernel of Linux shows of its sensors, below a directory. */
export function sensors(directory = '/sys/class'): Way<number> {
  return {
    async look() {
      const zones = await under(join(directory, 'thermal'), 'thermal_zone')
      const chips = await under(join(directory, 'hwmon'), 'hwmon')
      const readings = await Promise.all([...zones.map(zone), ...chips.map(chip)])
      return hottest(readings.flat())
    },
  }
}

/** Sensors in a processor. What lies beside it is cooler, and disks may be hotter. */
const inProcessor = /^(x86_pkg_temp|coretemp|k10temp|zenpower|cpu|soc|tegra|bcm2835)/

/**
 * The hottest sensor of the processor in whole degrees; where none says that it is one, of all.
 * What no machine survives was not measured.
 */
export function hottest(readings: readonly Reading[]): number | undefined {
  const likely = readings.filter(({ milliCelsius }) => {
    return milliCelsius > 0 && milliCelsius < 150_000
  })
  const own = likely.filter(({ kind }) => inProcessor.test(kind))
  const counted = own.length > 0 ? own : likely
  if (counted.length === 0) return undefined
  return Math.round(Math.max(...counted.map(({ milliCelsius }) => milliCelsius)) / 1000)
}

async function zone(path: string): Promise<readonly Reading[]> {
  return await reading(join(path, 'type'), join(path, 'temp'))
}

async function chip(path: string): Promise<readonly Reading[]> {
  const inputs = (await namesIn(path)).filter((name) => /^temp\d+_input$/.test(name))
  const all = await Promise.all(inputs.map((name) => reading(join(path, 'name'), join(path, name))))
  return all.flat()
}

async function reading(kindAt: string, valueAt: string): Promise<readonly Reading[]> {
  const [kind, value] = await Promise.all([textIn(kindAt), textIn(valueAt)])
  if (kind === undefined || value === undefined || !/^-?\d+$/.test(value)) return []
  return [{ kind, milliCelsius: Number(value) }]
}

async function under(directory: string, prefix: string): Promise<readonly string[]> {
  const names = await namesIn(directory)
  return names.filter((name) => name.startsWith(prefix)).map((name) => join(directory, name))
}

/** Nothing where the kernel has no such directory, or a driver has just gone. */
function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => [])
}

function textIn(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
}
