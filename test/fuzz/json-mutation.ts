import { changedWord } from './byte-mutation.ts'
import type { Chance } from './chance.ts'

const atoms: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, -1, 0.5, 2 ** 53, -(2 ** 53), Infinity, -Infinity, 1e-9, 4e9],
  ...[
    '',
    '__proto__',
    'constructor',
    '\ud83d',
    '\0',
    '\ufeff',
    '../..',
    '1e9',
    'null',
    'a'.repeat(300),
  ],
  ...[[], {}, [[]], [null], JSON.parse('{"__proto__":{"x":1}}'), { type: '__proto__' }],
  ...[Array.from({ length: 1100 }, () => 0), { length: 1, 0: 'a' }],
]

/** A JSON value with one part of it changed, and shared with the old one elsewhere. */
export function mutatedJson(value: unknown, others: readonly unknown[], chance: Chance): unknown {
  if (Array.isArray(value) && value.length > 0 && !chance.once(6)) {
    return mutatedList(value, others, chance)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !chance.once(12)) {
    return mutatedMap(value as Record<string, unknown>, others, chance)
  }
  if (typeof value === 'string' && !chance.once(3)) return changedWord(value, chance)
  if (typeof value === 'number' && chance.once(2)) return value + chance.below(3) - 1
  return chance.once(4) ? partOf(chance.one(others), chance) : chance.one(atoms)
}

function mutatedList(
  list: readonly unknown[],
  others: readonly unknown[],
  chance: Chance,
): unknown {
  const at = chance.below(list.length)
  const kind = chance.below(8)
  if (kind === 0) return list.toSpliced(at, 1)
  if (kind === 1) return [...list, ...Array(chance.below(80)).fill(list[at])]
  return list.with(at, mutatedJson(list[at], others, chance))
}

function mutatedMap(
  map: Readonly<Record<string, unknown>>,
  others: readonly unknown[],
  chance: Chance,
): unknown {
  const keys = Object.keys(map)
  const key = chance.any(keys)
  const changed = { ...map }
  if (key === undefined) return { [chance.one(['type', '__proto__x', ''])]: chance.one(atoms) }
  const kind = chance.below(8)
  if (kind === 0) delete changed[key]
  else if (kind === 1) put(changed, changedWord(key, chance), map[key])
  else if (kind === 2) put(changed, chance.one(['__proto__', 'toString', 'type']), map[key])
  else changed[key] = mutatedJson(map[key], others, chance)
  return changed
}

/** Sets an own key, `__proto__` too, as JSON.parse does. */
function put(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
}

/** The value itself, or one that lies in it. */
function partOf(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance.once(4)) return value
  return partOf(chance.one(Object.values(value)), chance)
}
