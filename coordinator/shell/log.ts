/** Takes facts, each with what it is in a word or two: never prose, never a secret. */
export interface Log {
  info(facts: object, what: string): void
  warn(facts: object, what: string): void
  error(facts: object, what: string): void
}

/** Writes facts as lines of JSON. */
export function lineLog(write: (line: string) => void, now: () => number): Log {
  const at = (level: string) => (facts: object, what: string) => {
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, what, ...facts })}\n`)
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
