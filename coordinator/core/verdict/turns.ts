/** Of so many units a ring may win one before it is found: half of one in ten thousand. */
const unitsEachWrong = 20_000

/**
 * Whether nodes are asked one after the other, so many verdicts after the last ban. A ring that is
 * never contradicted wins until one of its units is audited, whatever its pace: the fewer are
 * audited, the more it wins, and the longer it has to wait for the next time.
 */
export function isInTurn(verdictsSinceBan: number, auditPermille: number): boolean {
  return verdictsSinceBan * auditPermille < 1000 * unitsEachWrong
}
