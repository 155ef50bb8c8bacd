/**
 * Philox4x32-10 once more, from its paper and with other arithmetic than the examples have, so that
 * what a unit drew can be told without it.
 */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): readonly number[] {
  let [a, b, c, d] = counter.map(BigInt) as [bigint, bigint, bigint, bigint]
  let [k, l] = key.map(BigInt) as [bigint, bigint]
  for (let round = 0; round < 10; round++) {
    const first = a * 0xd2511f53n
    const second = c * 0xcd9e8d57n
    ;[a, b, c, d] = [(second >> 32n) ^ b ^ k, word(second), (first >> 32n) ^ d ^ l, word(first)]
    k = word(k + 0x9e3779b9n)
    l = word(l + 0xbb67ae85n)
  }
  return [a, b, c, d].map(Number)
}

/** How many of a number of points, an even one, a seed draws into the circle. */
export function pointsInside(seed: number, points: number): number {
  let inside = 0
  for (let i = 0; i < points / 2; i++) {
    const [x = 0, y = 0, u = 0, v = 0] = philox([i, 0, 0, 0], [seed, 0])
    inside += Number(isInside(x, y)) + Number(isInside(u, v))
  }
  return inside
}

function isInside(x: number, y: number): boolean {
  const centre = (at: number) => BigInt(2 * Math.floor(at / 4) + 1)
  return centre(x) ** 2n + centre(y) ** 2n < 1n << 62n
}

function word(value: bigint): bigint {
  return value & 0xffff_ffffn
}
