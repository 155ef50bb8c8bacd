/** The type of a function: its parameters, and its result or 0. */
export interface FunctionType {
  readonly parameters: Uint8Array
  readonly result: number
}

/** What the bodies of a module may refer to. */
export interface Shape {
  readonly types: readonly FunctionType[]
  /** The type of each function by its index, those that are imported first. */
  readonly functions: readonly FunctionType[]
  /** Type, and whether it may be set, of each global. */
  readonly globals: readonly { readonly type: number; readonly mutable: boolean }[]
  readonly hasTable: boolean
  readonly hasMemory: boolean
  /** As many as the section before the code announces; undefined without that section. */
  readonly dataCount: number | undefined
}
