import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * A logger that says nothing. The library's own formats what nobody reads, on the path of every
 * message.
 */
export const silence: ComponentLogger = { forComponent: () => nothing }

const nothing: Logger = Object.assign(() => {}, {
  enabled: false,
  error: () => {},
  trace: () => {},
  newScope: () => nothing,
})
