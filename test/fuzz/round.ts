import fc from 'fast-check'
import { encode, fromJson, toJson } from '../../specs/bytes/bytes.ts'
import { toHex } from '../../specs/bytes/text.ts'
import type { Json, Schema } from '../../specs/schema/schema.ts'
import { changedWord, mutatedBytes, type Seed, seedOf } from './byte-mutation.ts'
import { Chance } from './chance.ts'
import { bytesCheck, jsonCheck, textCheck, validatorOf } from './check.ts'
import { arbitraryOf } from './json-arbitrary.ts'
import { mutatedJson } from './json-mutation.ts'
import type { Target } from './target.ts'
import { type Finding, Watch } from './watch.ts'

/** What a round does: the same for the same seed and number, wherever it runs. */
export const executionsPerRound = 2000

const byBytes = 1500
const byJson = 400
const byText = executionsPerRound - byBytes - byJson
const generated = 8

/** What a round did: how many of its inputs were taken, and what was found. */
export interface Outcome {
  readonly round: number
  readonly accepted: number
  readonly findings: readonly Finding[]
}

/** Makes a function that runs one round: the next target, with inputs of its own. */
export function roundsOf(targets: readonly Target[], seed: number): (round: number) => Outcome {
  const prepared = targets.map(prepare)
  const splices = prepared.flatMap(({ seeds }) => seeds)
  return (round) => {
    const target = prepared[round % prepared.length] as Prepared
    const chance = new Chance(seed, round)
    const findings: Finding[] = []
    const report = (face: Finding['face'], input: string, why: string) =>
      findings.push({ target: target.name, face, why, input })
    const fresh = fc.sample(target.values, { seed: chance.bits() | 0, numRuns: generated })
    const accepted =
      runBytes(target, fresh, splices, chance, report) +
      runJson(target, fresh, chance, report) +
      runTexts(target, chance, report)
    return { round, accepted, findings }
  }
}

type Report = (face: Finding['face'], input: string, why: string) => void

interface Prepared extends Target {
  readonly seeds: readonly Seed[]
  readonly jsons: readonly Json[]
  readonly values: fc.Arbitrary<unknown>
  readonly ofBytes: ReturnType<typeof bytesCheck>
  readonly ofJson: ReturnType<typeof jsonCheck>
}

function prepare(target: Target): Prepared {
  const { schema, examples } = target
  const accepts = validatorOf(schema)
  return {
    ...target,
    seeds: examples.map((value) => seedOf(encode(schema, value))),
    jsons: examples.map((value) => toJson(schema, value)),
    values: fc.oneof({ weight: 9, arbitrary: arbitraryOf(schema.json) }, fc.jsonValue()),
    ofBytes: bytesCheck(schema, accepts),
    ofJson: jsonCheck(schema, accepts),
  }
}

/** Examples and generated values, with mutations of both; what was accepted is mutated further. */
function runBytes(
  { schema, seeds, ofBytes }: Prepared,
  fresh: readonly unknown[],
  splices: readonly Seed[],
  chance: Chance,
  report: Report,
): number {
  const corpus = [...seeds]
  const watch = new Watch<Uint8Array>(ofBytes, (bytes, why) => report('bytes', toHex(bytes), why))
  for (const json of fresh) {
    const bytes = encodedOf(schema, json)
    if (bytes === undefined) continue
    corpus.push(seedOf(bytes))
    watch.run(bytes)
  }
  for (let i = 0; i < byBytes; i++) {
    const others = chance.once(2) ? corpus : splices
    watch.run(mutatedBytes(chance.one(corpus), others, chance))
  }
  watch.end()
  return watch.accepted
}

/** The bytes of a JSON value, if it has any; what goes wrong here is reported as wrong with JSON. */
function encodedOf(schema: Schema<unknown>, json: unknown): Uint8Array | undefined {
  try {
    const parsed = fromJson(schema, json)
    return parsed.ok ? encode(schema, parsed.value) : undefined
  } catch (cause) {
    if (cause instanceof Error) return undefined
    throw cause
  }
}

function runJson(
  target: Prepared,
  fresh: readonly unknown[],
  chance: Chance,
  report: Report,
): number {
  const corpus = [...target.jsons, ...fresh]
  const watch = new Watch<unknown>(target.ofJson, (json, why) =>
    report('json', JSON.stringify(json), why),
  )
  for (const json of fresh) watch.run(json)
  for (let i = fresh.length; i < byJson; i++) {
    let json = chance.one(corpus)
    for (let times = chance.below(3); times >= 0; times--) json = mutatedJson(json, corpus, chance)
    watch.run(json)
  }
  watch.end()
  return watch.accepted
}

function runTexts({ jsons }: Prepared, chance: Chance, report: Report): number {
  const corpus = textsIn(jsons)
  const watch = new Watch<string>(textCheck, (text, why) => report('text', text, why))
  for (let i = 0; i < byText; i++) {
    const text = chance.any(corpus) ?? ''
    if (chance.once(4)) watch.run(changedWord(text, chance))
    else {
      const at = chance.below(text.length)
      watch.run(text.slice(0, at) + chance.one(digits) + text.slice(at + 1))
    }
  }
  watch.end()
  return watch.accepted
}

const digits = [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_=é']

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
