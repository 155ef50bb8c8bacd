import { type ChainId, type CoordinatorId, digestText, limits, sha256 } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed } from '../../test/cast.ts'
import { Silence } from './silence.ts'

const chainOf = (n: number) => digestText(sha256(Uint8Array.of(n))) as unknown as ChainId
const dead = chainOf(1)
const alive = chainOf(2)
const bob = keyNamed('bob').id as CoordinatorId

/** A silence whose clock stands still until it is looked. */
function silent() {
  let now = 0
  const silence = new Silence({ now: () => now })
  const look = (ms: number) => {
    now += ms
    silence.look([dead, alive])
  }
  look(1000)
  return { silence, look }
}

test('who stands still now and again hears all the same that somebody is gone', () => {
  const { silence, look } = silent()
  for (let i = 0; i < 30; i++) {
    for (let seconds = 0; seconds < 12; seconds++) {
      silence.heard(alive)
      look(1000)
    }
    // It stood still itself: nobody was heard.
    look(limits.silentMs)
    expect(silence.ofMs(alive)).toBe(0)
  }
  expect(silence.ofMs(dead)).toBeGreaterThan(limits.restMs)
})

test('who stood still takes nobody for gone who was there before', () => {
  const { silence, look } = silent()
  for (let seconds = 0; seconds < 9; seconds++) look(1000)
  expect(silence.ofMs(dead)).toBe(9000)
  look(10 * limits.silentMs)
  expect(silence.ofMs(dead)).toBe(0)
})

test('time in which nobody could be heard is no silence', () => {
  const { silence, look } = silent()
  for (let seconds = 0; seconds < 20; seconds++) look(1000)
  look(limits.restMs)
  expect(silence.ofMs(dead)).toBe(20_000)
})

test('a member is there since it was met, until nothing comes from it', () => {
  const { silence, look } = silent()
  expect(silence.isAlive(bob)).toBe(false)
  for (let seconds = 0; seconds < 20; seconds++) {
    silence.met(bob)
    look(1000)
  }
  expect(silence.aliveMs(bob)).toBe(20_000)
  look(limits.silentMs)
  expect(silence.aliveMs(bob)).toBe(0)
  silence.met(bob)
  expect(silence.aliveMs(bob)).toBe(0)
})
