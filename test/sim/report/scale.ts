/** How numbers are laid along an axis. */
export interface Scale {
  /** Round numbers, some four of them. */
  readonly ticks: readonly number[]
  /** Where a number is, to a tenth of a pixel. */
  place(value: number): number
}

/** Lays numbers between two pixels; the last is at the first round number that none passes. */
export function scaleTo(from: number, to: number, first: number, last: number): Scale {
  const step = roundStep((to - from) / 4)
  const steps = Math.max(1, Math.ceil((to - from) / step - 1e-9))
  const ticks = Array.from({ length: steps + 1 }, (_, i) => rounded(from + i * step))
  const pixels = (last - first) / (steps * step)
  return { ticks, place: (value) => Math.round((first + (value - from) * pixels) * 10) / 10 }
}

/** The least of 1, 2, 5, 10, 20 ... that is not below a number; 1 where there is nothing. */
function roundStep(least: number): number {
  if (!(least > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(least))
  const digit = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10
  return digit * power
}

/** Without what is added up in the last bits. */
function rounded(value: number): number {
  return Number(value.toPrecision(12))
}
