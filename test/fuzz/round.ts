import fc from 'fast-check'
import { encode, fromJson, toJson } from '../../specs/bytes/bytes.ts'
import { toHex } from '../../specs/bytes/text.ts'
import type { Json, Schema } from '../../specs/schema/schema.ts'
import { changedWord, mutatedBytes, type Seed, seedOf } from './byte-mutation.ts'
import { Chance } from './chance.ts'
import { bytesCheck, type Check, formCheck, jsonCheck, textCheck, validatorOf } from './check.ts'
import { arbitraryOf } from './json-arbitrary.ts'
import { mutatedJson } from './json-mutation.ts'
import type { FormTarget, Target } from './target.ts'
import { type Finding, Watch } from './watch.ts'

/** What a round does: the same for the same seed and number, wherever it runs. */
export const executionsPerRound = 2000

const byBytes = 1500
const byJson = 400
const byText = executionsPerRound - byBytes - byJson
const generated = 8
const corpusMax = 64

/** What a round did: how many of its inputs were taken, and what was found. */
export interface Outcome {
  readonly round: number
  readonly accepted: number
  readonly findings: readonly Finding[]
}

/** Makes a function that runs one round: the next target, with inputs of its own. */
export function roundsOf(
  targets: readonly (Target | FormTarget)[],
  seed: number,
): (round: number) => Outcome {
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

interface Prepared {
  readonly name: string
  readonly seeds: readonly Seed[]
  readonly jsons: readonly Json[]
  readonly values: fc.Arbitrary<unknown>
  readonly ofBytes?: Check<Uint8Array>
  readonly ofJson: Check<unknown>
  readonly bytesOf: (json: unknown) => Uint8Array | undefined
}

function prepare(target: Target | FormTarget): Prepared {
  const { name } = target
  const json = 'schema' in target ? target.schema.json : target.json
  const accepts = validatorOf(json)
  const values = fc.oneof({ weight: 9, arbitrary: arbitraryOf(json) }, fc.jsonValue())
  if ('schema' in target) {
    const { schema, examples } = target
    return {
      name,
      values,
      seeds: examples.map((value) => seedOf(encode(schema, value))),
      jsons: examples.map((value) => toJson(schema, value)),
      ofBytes: bytesCheck(target, accepts),
      ofJson: jsonCheck(target, accepts),
      bytesOf: (input) => encodedOf(schema, input),
    }
  }
  const ofJson = formCheck(target, accepts)
  return { name, values, seeds: [], jsons: target.examples, ofJson, bytesOf: () => undefined }
}

/** Examples and generated values, with mutations of both; what was accepted is mutated further. */
function runBytes(
  { seeds, ofBytes, bytesOf }: Prepared,
  fresh: readonly unknown[],
  splices: readonly Seed[],
  chance: Chance,
  report: Report,
): number {
  if (ofBytes === undefined) return 0
  const corpus = [...seeds]
  const watch = new Watch<Uint8Array>(ofBytes, (bytes, why) => report('bytes', toHex(bytes), why))
  for (const json of fresh) {
    const bytes = bytesOf(json)
    if (bytes === undefined) continue
    corpus.push(seedOf(bytes))
    watch.run(bytes)
  }
  for (let i = 0; i < byBytes; i++) {
    const others = chance.once(2) ? corpus : splices
    const bytes = mutatedBytes(chance.one(corpus), others, chance)
    if (watch.run(bytes) && corpus.length < corpusMax && chance.once(8)) corpus.push(seedOf(bytes))
  }
  watch.end()
  return watch.accepted
}

/** The bytes of a JSON value, if it has any; what goes wrong is reported as wrong with JSON. */
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
  const executions = target.ofBytes === undefined ? byJson + byBytes : byJson
  for (let i = fresh.length; i < executions; i++) {
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
