import { describe, expect, test } from 'vitest'
import type { Plant } from './tidy/plants.ts'
import {
  BREAKS_DEPENDENCIES,
  BREAKS_STRUCTURE,
  KEEPS_STRUCTURE,
} from './tidy/plants-of-structure.ts'
import { BREAKS_PURITY, BREAKS_TEXT, KEEPS_TEXT } from './tidy/plants-of-text.ts'
import { RULES } from './tidy/rules.ts'
import { type SourceFile, sentence, type Violation } from './tidy/source.ts'
import { readTree } from './tidy/tree.ts'

const BREAKS = [...BREAKS_STRUCTURE, ...BREAKS_DEPENDENCIES, ...BREAKS_PURITY, ...BREAKS_TEXT]
const KEEPS = [...KEEPS_STRUCTURE, ...KEEPS_TEXT]

describe('the tree keeps', () => {
  const tree = readTree()
  test.each(RULES)('$name', (rule) => {
    expect(rule.check(tree).map(sentence)).toEqual([])
  })

  test('a page that explains every rule', () => {
    const page = tree.find(({ path }) => path === 'STYLE.md')?.text ?? ''
    expect(RULES.filter(({ name }) => !page.includes(`\`${name}\``))).toEqual([])
  })
})

describe('a planted violation goes red, naming the file and the rule', () => {
  test.each(BREAKS)('$rule: $what', (plant) => {
    const found = checkPlanted(plant)
    expect(found).not.toEqual([])
    for (const each of found) expect(sentence(each)).toMatch(`${plant.rule}: `)
    expect(found.map(({ file }) => file)).toContain(plant.at)
  })

  test('for every rule there is', () => {
    const planted = new Set(BREAKS.map(({ rule }) => rule))
    expect([...planted].sort()).toEqual(RULES.map(({ name }) => name).sort())
  })
})

describe('what comes close stays green', () => {
  test.each(KEEPS)('$rule: $what', (plant) => {
    expect(checkPlanted(plant).map(sentence)).toEqual([])
  })
})

test('a violation names its line', () => {
  const text = 'const a = 1\nconst b = Date.now()\n'
  const plant = {
    rule: 'core-is-pure',
    what: '',
    at: 'node/core/a.ts',
    tree: { 'node/core/a.ts': text },
  }
  expect(checkPlanted(plant).map(sentence)).toEqual([
    'node/core/a.ts:2 core-is-pure: uses Date; take the time from the event',
  ])
})

function checkPlanted(plant: Plant): Violation[] {
  const files: SourceFile[] = Object.entries(plant.tree).map(([path, text]) => ({ path, text }))
  const rule = RULES.find(({ name }) => name === plant.rule)
  if (!rule) throw new Error(`no rule is called ${plant.rule}`)
  return rule.check(files)
}
