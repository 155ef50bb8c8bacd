import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folder } from '../../examples/build.ts'
import { checks, type Name } from '../../examples/checks.ts'
import { agrees, rowsOf } from '../../examples/comparison.ts'
import { exampleOf } from '../../examples/job.ts'
import { runUnits } from '../../examples/run.ts'
import { philox, pointsInside } from './philox.ts'

const names = Object.keys(checks) as Name[]

interface Small {
  readonly more: readonly string[]
  readonly numbers: readonly number[]
  /** The SHA-256 of all that these units leave, on any machine. */
  readonly left: string
}

/** Instances that a test has time for: arguments beside those of the job, and some of its units. */
const small: Readonly<Record<Name, Small>> = {
  pi: {
    more: ['--points', '200000'],
    numbers: [0, 1, 2, 3, 4, 5],
    left: '5fb414176eff9d27e61fba682671627d1ad0a12b4b46a24299e1e171b7b980b5',
  },
  'lorenz-96': {
    more: ['--days', '1825'],
    numbers: [0, 1, 2, 3, 4, 5],
    left: '087097bc971ab562579af21654bc24cedc95ad098556746b0e14b870ab6a8e85',
  },
  'lennard-jones': {
    more: ['--cells', '4', '--settle', '600', '--steps', '600'],
    numbers: [0, 1, 2, 10, 11, 12],
    left: '0bbacc657b49cf7a4011382d1dd9b494560e880b511548418f35d2d5d2927ccf',
  },
  'secondary-structure': {
    more: [],
    numbers: [0, 12, 24, 36, 48, 60, 72],
    left: '37e311c599bbec3b3475985b16ca87de6bf3e284493d37ddb585808886acc037',
  },
  quantum: {
    more: [],
    numbers: [0, 1, 2, 3, 4],
    left: 'da7b1203a73e076d2c32585fac72105f3d32ad6277611941677f22f66c316fef',
  },
}

const ran = new Map<Name, Promise<readonly string[]>>()

/** What the small instance of an example leaves; it runs once. */
function leftBy(name: Name): Promise<readonly string[]> {
  const left = ran.get(name) ?? runSmall(name)
  ran.set(name, left)
  return left
}

async function runSmall(name: Name): Promise<readonly string[]> {
  const { more, numbers } = small[name]
  const finished = await runUnits(exampleOf(name, more), { cores: 2, numbers })
  for (const { end, log } of finished) expect(end, log).toBe(0)
  const files = finished.flatMap(({ outputs }) => outputs.flatMap((output) => output.files))
  return files.map(({ bytes }) => Buffer.from(bytes).toString())
}

describe('in the executor of a node', () => {
  test.each(names)('%s gives what is published', async (name) => {
    const compared = checks[name].compare(await leftBy(name))
    expect(compared.filter((one) => !agrees(one))).toEqual([])
  })

  test.each(names)('%s leaves the bytes that it leaves everywhere', async (name) => {
    const texts = await leftBy(name)
    const digest = createHash('sha256').update(texts.join('\n')).digest('hex')
    expect(digest).toBe(small[name].left)
  })

  test('pi counts the points that another reading of the paper draws', async () => {
    expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
    const counter = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const
    const drawn = [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
    expect(philox(counter, [0xa4093822, 0x299f31d0])).toEqual(drawn)
    const [row] = rowsOf((await leftBy('pi'))[0] ?? '')
    expect(row).toMatchObject({ seed: 1, points: 200_000, inside: pointsInside(1, 200_000) })
  })

  test('an option that is misspelled ends the unit, and the log says which there are', async () => {
    const example = exampleOf('pi', ['--point', '10'])
    const [unit] = await runUnits(example, { cores: 1, numbers: [0] })
    expect(unit).toMatchObject({ end: 2 })
    expect(unit?.log).toContain('wrong option --point; there are: --seed 1 --points')
  })
})

/** A change of what a unit left that no check may pass over. */
type Wrong = readonly [what: string, name: Name, wrong: (text: string, i: number) => string]

const wrongs: readonly Wrong[] = [
  ['a hundredth more points inside', 'pi', changed(2, (inside) => inside * 1.01)],
  ['units that lie too far apart', 'pi', changed(2, (inside, i) => inside + (i % 2) * 3000 - 1500)],
  ['a warmer climate', 'lorenz-96', (text) => text.replace(/"mean":[0-9.]+/, '"mean":2.4')],
  ['errors that double in a day', 'lorenz-96', (text) => text.replace(/\[[0-9.]+/, '[3.4')],
  ['no 13th direction of growth', 'lorenz-96', (text) => withExponent(text, 12, -0.1)],
  ['less pressure', 'lennard-jones', changed(6, (pressure) => pressure - 0.3)],
  ['less energy', 'lennard-jones', changed(5, (energy) => energy - 0.05)],
  ['energy that is not kept', 'lennard-jones', changed(8, (swing, i) => (i === 3 ? 0.01 : swing))],
  ['a guess without looking', 'secondary-structure', allCoil],
  ['a probability off by a millionth', 'quantum', changed(3, (chance) => chance + 1e-6)],
  ['a search that ends too soon', 'quantum', (text) => text.trim().replace(/\n[^\n]+$/, '')],
  ['a peak that is not there', 'quantum', changed(4, (chance, i) => (i === 5 ? 0 : chance))],
]

describe('the check', () => {
  test.each(wrongs)('sees %s (%s)', async (_, name, wrong) => {
    const texts = (await leftBy(name)).map(wrong)
    expect(checks[name].compare(texts).every(agrees)).toBe(false)
  })

  test.each(names)('of %s takes nothing for no answer', (name) => {
    expect(checks[name].compare([]).some(agrees)).toBe(false)
  })
})

describe('pnpm examples check', () => {
  let root = ''
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'nexapod-check-'))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  test('finds what units left, however it lies there, and counts the same unit once', async () => {
    const texts = await leftBy('pi')
    for (const [i, text] of [...texts, ...texts].entries()) write(`right/${i}/out/pi.csv`, text)
    expect(check('pi', 'right')).toMatchObject({ status: 0 })
    expect(check('pi', 'right').stdout).toContain('6 files called pi.csv below ')
    expect(check('pi', 'right').stdout).toContain('may differ by 0.005996')
  })

  test('ends with 1 where something differs, and says what', async () => {
    const [, , wrong] = wrongs[0] as Wrong
    for (const [i, text] of (await leftBy('pi')).entries())
      write(`wrong/${i}.d/pi.csv`, wrong(text, i))
    const said = check('pi', 'wrong')
    expect(said.status).toBe(1)
    expect(said.stdout).toContain('DIFFERS  pi: 3.17')
  })

  test('ends with 1 where nothing is', () => {
    const said = check('pi', 'nowhere')
    expect(said.status).toBe(1)
    expect(said.stdout).toContain('0 files called pi.csv below ')
  })

  test('ends with 2 where it is not asked as it can be', () => {
    expect(check('tau', 'right')).toMatchObject({ status: 2, stdout: '' })
  })

  function write(path: string, text: string): void {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  function check(name: string, directory: string): { status: number | null; stdout: string } {
    const args = [join(folder, 'main.ts'), 'check', name, join(root, directory)]
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    return { status, stdout }
  }
})

/** Changes one column of a table, of all rows; tables without it stay as they are. */
function changed(column: number, change: (value: number, i: number) => number) {
  return (text: string, i: number): string => {
    const [head = '', ...lines] = text.trim().split('\n')
    const rows = lines.map((line) => {
      const values = line.split(',')
      const value = values[column]
      if (value !== undefined) values[column] = String(change(Number(value), i))
      return values.join(',')
    })
    return [head, ...rows].join('\n')
  }
}

function withExponent(text: string, n: number, value: number): string {
  const member = JSON.parse(text)
  return JSON.stringify({ ...member, exponents: member.exponents.with(n, value) })
}

function allCoil(text: string): string {
  const lines = text.trim().split('\n')
  return lines.with(5, 'C'.repeat(lines[5]?.length ?? 0)).join('\n')
}
