import { escaped } from './page.ts'

/** A bar: what it stands for, and how long it is. */
export interface Length {
  readonly name: string
  readonly value: number
}

const width = 336
const pitch = 22
const left = 110
const right = 50

/** Numbers to compare by the length of bars, with each number beside its bar. */
export function bars(
  title: string,
  lengths: readonly Length[],
  write: (value: number) => string = String,
): string {
  const most = Math.max(...lengths.map(({ value }) => value), Number.MIN_VALUE)
  const rows = lengths.map(({ name, value }, i) => {
    const long = Math.round((value / most) * (width - left - right) * 10) / 10
    const y = i * pitch
    return `<text class="end" x="${left - 8}" y="${y + 15}">${escaped(name)}</text>
<rect class="length" x="${left}" y="${y + 4}" width="${long}" height="14" rx="2"/>
<text x="${left + long + 6}" y="${y + 15}">${escaped(write(value))}</text>`
  })
  return `<figure><figcaption>${escaped(title)}</figcaption>
<svg viewBox="0 0 ${width} ${lengths.length * pitch}" role="img" aria-label="${escaped(title)}">
${rows.join('\n')}</svg></figure>`
}
