import { expect, test } from 'vitest'
import { columns } from './desk.ts'

test('columns are as wide as their widest word, and a row may end in a sentence', () => {
  const rows = [
    ['one', 'takes jobs', 'chain a', 'checkpoint'],
    ['three', 'away', 'nobody answered at any of its addresses'],
  ]
  expect(columns(rows)).toEqual([
    'one    takes jobs  chain a  checkpoint',
    'three  away        nobody answered at any of its addresses',
  ])
})
