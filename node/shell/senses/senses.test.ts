import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { limits } from '@nexapod/specs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ownLimits } from '../../test/cast.ts'
import { idleOf as idleOfLogind, logind } from './logind.ts'
import { idleOf as idleOfMacos, macos } from './macos.ts'
import { meteredOf, meteredOfDevices, networkManager, nmcli } from './metered.ts'
import { namesOfPs, namesOfTasklist, proc, running } from './programs.ts'
import { Sense, type Way } from './sense.ts'
import { type SenseName, Senses, waysHere } from './senses.ts'
import { hottest, sensors } from './temperature.ts'
import { windows } from './windows.ts'
import { idleOf as idleOfX11, x11 } from './x11.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-senses-'))
  vi.stubEnv('PATH', [directory, '/usr/bin', '/bin'].join(delimiter))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

/** A command on the path that does what a shell is told. */
async function command(name: string, script: string): Promise<void> {
  await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(directory, name), 0o755)
}

/** A command that says something if it is asked as it has to be. */
async function saying(name: string, args: string, said: string): Promise<void> {
  await command(name, `[ "$*" = '${args}' ] || exit 1\ncat <<'end'\n${said}\nend`)
}

describe('whether somebody is there', () => {
  const since = 1_682_224_288_866_742
  const now = 1_682_224_300_000

  test('is known of logins: no, and since when not', () => {
    expect(idleOfLogind(`IdleHint=no\nIdleSinceHint=${since}\n`, now)).toBe(0)
    expect(idleOfLogind(`IdleHint=yes\nIdleSinceHint=${since}\n`, now)).toBe(11_134)
    // Nobody has logged in since the machine began.
    expect(idleOfLogind('IdleHint=yes\nIdleSinceHint=0\n', now)).toBe(now)
    // A clock that was set back meanwhile.
    expect(idleOfLogind(`IdleHint=yes\nIdleSinceHint=${since}\n`, 1000)).toBe(0)
    for (const said of ['', 'IdleHint=yes\n', 'IdleHint=\nIdleSinceHint=\n', 'Hint=no']) {
      expect(idleOfLogind(said, now)).toBeUndefined()
    }
  })

  test('is asked of the manager of logins for all sessions together', async () => {
    const args = 'show-session -p IdleHint -p IdleSinceHint'
    await saying('loginctl', args, `IdleHint=yes\nIdleSinceHint=${(Date.now() - 5000) * 1000}`)
    expect(await logind.look()).toBeGreaterThanOrEqual(5000)
    await command('loginctl', 'echo "Failed to connect to bus: Host is down" >&2; exit 1')
    expect(await logind.look()).toBeUndefined()
  })

  test('is known of X11 in milliseconds', async () => {
    expect([idleOfX11('42317\n'), idleOfX11('0')]).toEqual([42_317, 0])
    expect(idleOfX11("couldn't open display\n")).toBeUndefined()
    await saying('xprintidle', '', '1234')
    expect(await x11.look()).toBe(1234)
  })

  test('is known of macOS in nanoseconds, and the last input of all counts', async () => {
    const said = `+-o IOHIDSystem  <class IOHIDSystem, id 0x1000002cf, registered, matched, active>
    {
      "IOClass" = "IOHIDSystem"
      "HIDIdleTime" = 4500000000
      "HIDPointerAcceleration" = 49152
      "HIDIdleTime" = 21858429
    }`
    expect(idleOfMacos(said)).toBe(21)
    expect(idleOfMacos('+-o Root  <class IORegistryEntry>')).toBeUndefined()
    await saying('ioreg', '-c IOHIDSystem -d 4', said)
    expect(await macos.look()).toBe(21)
  })

  test('is said by Windows again and again, and nothing that is old counts', async () => {
    await command('powershell.exe', 'echo 4321; sleep 600')
    const way = windows()
    try {
      await vi.waitFor(async () => expect(await way.look()).toBe(4321), 5000)
    } finally {
      way.close?.()
    }
    const silent = windows()
    await command('powershell.exe', 'exit 1')
    expect(await silent.look()).toBeUndefined()
  })
})

describe('whether the network is metered', () => {
  test('is a number of NetworkManager, of which two are guesses', async () => {
    const known = ['u 0\n', 'u 1\n', 'u 2\n', 'u 3\n', 'u 4\n', ''].map(meteredOf)
    expect(known).toEqual([undefined, true, false, true, false, undefined])
    const name = 'org.freedesktop.NetworkManager'
    const at = '/org/freedesktop/NetworkManager'
    await saying('busctl', `get-property ${name} ${at} ${name} Metered`, 'u 4')
    expect(await networkManager.look()).toBe(false)
  })

  const device = (type: string, state: string, metered: string) =>
    `GENERAL.TYPE:${type}\nGENERAL.STATE:${state}\nGENERAL.METERED:${metered}\n`
  const hotspot = device('wifi', '100 (connected)', 'yes (guessed)')
  const cable = device('ethernet', '100 (connected)', 'no (guessed)')
  const unplugged = device('ethernet', '20 (unavailable)', 'unknown')
  const bridge = device('bridge', '100 (connected (externally))', 'no (guessed)')

  test.each([
    [[hotspot], true],
    [[cable, bridge], false],
    [[cable, hotspot], true],
    [[unplugged, cable], false],
    // A bridge of containers leads nowhere by itself.
    [[bridge, unplugged], undefined],
    [[device('wifi', '100 (connected)', 'unknown')], undefined],
    [[], undefined],
  ] as const)('is what nmcli tells of devices that lead somewhere: %#', (devices, metered) => {
    expect(meteredOfDevices(devices.join('\n'))).toBe(metered)
  })

  test('is asked of nmcli in the order of its fields', async () => {
    const args = '-t -f GENERAL.TYPE,GENERAL.STATE,GENERAL.METERED device show'
    await saying('nmcli', args, cable)
    expect(await nmcli.look()).toBe(false)
  })
})

describe('how warm a machine is', () => {
  test('is what is hottest in its processor, and not what lies beside', () => {
    const beside = [
      { kind: 'acpitz', milliCelsius: 27_800 },
      { kind: 'nvme', milliCelsius: 71_850 },
    ]
    expect(hottest([...beside, { kind: 'x86_pkg_temp', milliCelsius: 54_000 }])).toBe(54)
    expect(hottest([...beside, { kind: 'k10temp', milliCelsius: 61_375 }])).toBe(61)
    expect(hottest(beside)).toBe(72)
    expect(hottest([{ kind: 'cpu-thermal', milliCelsius: 48_312 }])).toBe(48)
    // Sensors that are not there say so in such numbers.
    expect(hottest([{ kind: 'coretemp', milliCelsius: -273_200 }])).toBeUndefined()
    expect(hottest([])).toBeUndefined()
  })

  test('is read from where the kernel shows it', async () => {
    for (const [path, text] of [
      ['thermal/thermal_zone0/type', 'acpitz\n'],
      ['thermal/thermal_zone0/temp', '27800\n'],
      ['hwmon/hwmon1/name', 'coretemp\n'],
      ['hwmon/hwmon1/temp1_input', '45000\n'],
      ['hwmon/hwmon1/temp2_input', '47000\n'],
      ['hwmon/hwmon1/temp2_max', '100000\n'],
    ] as const) {
      await mkdir(join(directory, path, '..'), { recursive: true })
      await writeFile(join(directory, path), text)
    }
    expect(await sensors(directory).look()).toBe(47)
    expect(await sensors(join(directory, 'nowhere')).look()).toBeUndefined()
  })
})

describe('which programs run', () => {
  test('is known by their names, whatever case and ending', () => {
    const names = ['obs', 'Xorg', 'HelloWorld.exe', 'a-long-program-']
    const wanted = ['OBS', 'obs-studio', 'helloworld', 'a-long-program-name']
    expect(running(wanted, names, true)).toEqual(['OBS', 'helloworld', 'a-long-program-name'])
    expect(running(wanted, names, false)).toEqual(['OBS', 'helloworld'])
  })

  test('is read of paths on macOS and of lines in quotes on Windows', () => {
    const paths = '/sbin/launchd\n/Applications/OBS.app/Contents/MacOS/OBS\n-zsh\n'
    expect(namesOfPs(paths)).toEqual(['launchd', 'OBS', '-zsh'])
    const lines = [
      '"System Idle Process","0","Services","0","8 K"',
      '"obs64.exe","7412","Console","1","312,404 K"',
    ]
    expect(namesOfTasklist(lines.join('\r\n'))).toEqual(['System Idle Process', 'obs64.exe'])
  })

  test.skipIf(process.platform !== 'linux')('is seen on this machine', async () => {
    const names = await proc().look()
    expect(running(['node', 'no-such-program'], names ?? [])).toEqual(['node'])
    expect(await proc(directory).look()).toBeUndefined()
  })
})

describe('a sense', () => {
  /** A way that gives one thing after the other, and remembers how often it was asked. */
  const giving = (...found: readonly (number | undefined)[]): Way<number> & { asked: number } => ({
    asked: 0,
    async look() {
      return found[this.asked++]
    },
  })

  test('that fails keeps what it told for a while; then that it is unknown is told', async () => {
    const lost = vi.fn()
    const fails = Array(limits.senseFailuresMax + 2).fill(undefined)
    const sense = new Sense([giving(7, ...fails, 8)], 0, lost)
    const told: unknown[] = []
    for (let i = 0; i < fails.length + 2; i++) told.push(await sense.look())
    expect(told).toEqual([7, 7, 7, undefined, undefined, undefined, 8])
    expect(lost).toHaveBeenCalledTimes(1)
  })

  test('asks first in the way that has answered, and not more often than is of use', async () => {
    const [none, one] = [giving(), giving(1, 2)]
    const sense = new Sense([none, one], 0, () => {})
    expect([await sense.look(), await sense.look()]).toEqual([1, 2])
    expect([none.asked, one.asked]).toEqual([1, 2])
    const seldom = giving(1, 2)
    const patient = new Sense([seldom], 60_000, () => {})
    expect([await patient.look(), await patient.look(), seldom.asked]).toEqual([1, 1, 1])
  })

  test('is not asked if nothing would follow', async () => {
    const asked: SenseName[] = []
    const way = <T>(name: SenseName, found: T): Way<T> => ({
      async look() {
        asked.push(name)
        return found
      },
    })
    using senses = new Senses(directory, () => {}, {
      idle: [way('idle', 5000)],
      metered: [way('metered', false)],
      celsius: [way('celsius', 50)],
      programs: [way('programs', ['obs'])],
    })
    const { inUse } = ownLimits
    const all = { ...ownLimits, celsiusMax: 80, programs: ['obs', 'game'] }
    expect(await senses.look(all)).toMatchObject({
      ...{ idleMs: 5000, metered: false, celsius: 50, programs: ['obs'] },
      power: expect.any(String),
    })
    asked.length = 0
    const found = await senses.look({ ...ownLimits, idle: inUse, metered: true })
    expect(asked).toEqual([])
    expect(found).not.toHaveProperty('idleMs')
  })

  test.each(['linux', 'darwin', 'win32', 'sunos'])('of %s is one that it has', (platform) => {
    const known = Object.values(waysHere(platform)).flat()
    expect(known.length > 0).toBe(platform !== 'sunos')
  })
})
