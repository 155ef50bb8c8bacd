import { expect, test } from 'vitest'
import { bars } from './bars.ts'
import { linePlot } from './line-plot.ts'
import { page, table } from './page.ts'
import { scaleTo } from './scale.ts'

test('an axis ends at the first round number that nothing passes', () => {
  expect(scaleTo(0, 7, 0, 100).ticks).toEqual([0, 2, 4, 6, 8])
  expect(scaleTo(0, 1e-4, 0, 100).ticks).toEqual([0, 5e-5, 1e-4])
  expect(scaleTo(2, 2.45, 0, 100).ticks).toEqual([2, 2.2, 2.4, 2.6])
  expect(scaleTo(0, 0, 0, 100).ticks).toEqual([0, 1])
  expect(scaleTo(0, 8, 170, 10).place(2)).toBe(130)
})

test('a plot has a line for each series and one for the bar', () => {
  const lines = [
    { name: 'half', points: [[0, 0] as const, [10, 1] as const] },
    { name: 'all', points: [] },
  ]
  const plot = linePlot({ title: 'wrong', along: 'units', lines, bar: 2 })
  expect(plot.match(/<polyline/g)).toHaveLength(2)
  expect(plot.match(/class="bar"/g)).toHaveLength(1)
  expect(plot).toContain('points="48,136 316,73"')
  expect(plot).toContain('half: 1 at 10')
})

test('the longest bar is the largest number, and nothing is drawn for none', () => {
  const drawn = bars('credit', [
    { name: 'honest', value: 2 },
    { name: 'ring', value: 0 },
  ])
  expect(drawn.match(/width="[0-9.]+" height/g)).toEqual(['width="176" height', 'width="0" height'])
  expect(bars('credit', [])).not.toContain('NaN')
})

test('a page shows text as text, and needs nothing from elsewhere', () => {
  const cells = table(['<b>', 'wrong'], [['a & b', { text: '1e-4', is: 'kept' }]])
  const html = page('figures', 'of a run', [{ title: 'all', about: 'of them', parts: [cells] }])
  expect(html).toContain('&#60;b&#62;')
  expect(html).toContain('<th scope="row">a &#38; b</th><td class="kept">1e-4</td>')
  expect(html).not.toMatch(/https?:|<script|src=|@import|url\(/)
})
