/** Why a call of the host does not return. */
export type Why =
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'out-of-fuel' }
  | { readonly type: 'output-limit' }
  | { readonly type: 'calls' }

/** Thrown through the guest to end it: a module of the profile has no means to catch it. */
export class Ending extends Error {
  readonly why: Why

  constructor(why: Why) {
    super(why.type)
    this.why = why
  }
}
