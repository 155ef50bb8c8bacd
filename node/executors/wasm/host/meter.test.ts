import { ended, exported, hostFuel, limits } from '@nexapod/specs/wasm'
import { describe, expect, test } from 'vitest'
import { Ending } from './ending.ts'
import { Meter } from './meter.ts'

describe('what a call of the host costs', () => {
  test('is paid before it does anything, to the last', () => {
    const { meter, cells } = begun(3 * hostFuel.call)
    meter.call()
    meter.bytes(2 * hostFuel.call)
    expect([meter.isOut, meter.used]).toEqual([false, 3000n])
    expect(() => meter.bytes(1)).toThrow(new Ending({ type: 'out-of-fuel' }))
    expect(cells[exported.ended]?.value).toBe(ended.outOfFuel)
    expect([meter.isOut, meter.used]).toEqual([true, 3000n])
  })

  test('is of the unit, not of the program', () => {
    const { meter } = begun(5000)
    meter.call()
    meter.finish()
    expect(meter.used).toBe(1000n)
    const second = cellsOf()
    meter.begin(second)
    expect(second[exported.fuel]?.value).toBe(4000n)
  })

  test('and a call before the program began is a mistake of ours', () => {
    expect(() => new Meter(10).call()).toThrow('before it was begun')
  })
})

describe('the clock of a unit', () => {
  test('goes on with fuel, and by sleep that nobody waits for', () => {
    const { meter } = begun(10_000)
    meter.call()
    expect(meter.now).toBe(1000n)
    meter.sleepUntil(5_000_000n)
    meter.sleepUntil(1n)
    expect(meter.now).toBe(5_000_000n)
    meter.call()
    expect([meter.now, meter.used]).toEqual([5_001_000n, 2000n])
  })

  test('stops where nobody lives any more', () => {
    const { meter } = begun(10_000)
    meter.sleepUntil(2n ** 64n - 1n)
    meter.call()
    expect(meter.now).toBe(BigInt(limits.wasmClockMsMax) * 1_000_000n)
  })
})

function cellsOf() {
  return {
    [exported.fuel]: new WebAssembly.Global({ value: 'i64', mutable: true }, 0n),
    [exported.ended]: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
  }
}

function begun(fuel: number) {
  const meter = new Meter(fuel)
  const cells = cellsOf()
  meter.begin(cells)
  return { meter, cells }
}
