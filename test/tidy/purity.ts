import type { Node, Program } from 'oxc-parser'
import { isPure, packageOf, relativeTo, roomOf, SCOPE } from './house.ts'
import { type Import, modulesOf, nameOf, rule, walk } from './source.ts'

/** Packages that pure rooms may import, beside specs and the pure half of the ledger. */
const PURE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  specs: ['@noble/ed25519', '@noble/hashes'],
}

/** The only files of specs that may ask the runtime for its faster node:crypto. */
const REACHES_CRYPTO = ['specs/signed/ed25519.ts', 'specs/bytes/digest.ts']

const INSTEAD: readonly (readonly [instead: string, names: string])[] = [
  ['take the time from the event', 'Date Temporal performance'],
  ['take drawn numbers from the event', 'crypto'],
  [
    'return an effect, and let the shell answer with an event',
    'setTimeout setInterval setImmediate queueMicrotask requestAnimationFrame requestIdleCallback',
  ],
  [
    'return an effect and let the shell perform it',
    'fetch WebSocket WebTransport XMLHttpRequest EventSource Worker SharedWorker MessageChannel ' +
      'BroadcastChannel console localStorage sessionStorage indexedDB caches document navigator',
  ],
  ['pass in what you need', 'process globalThis window self require Deno Bun'],
  ['it depends on the machine', 'Intl WeakRef FinalizationRegistry SharedArrayBuffer Atomics'],
  ['it runs what nobody can check', 'eval Function WebAssembly'],
  ['the core is synchronous', 'Promise AbortController AbortSignal'],
]
const BANNED = new Map(
  INSTEAD.flatMap(([instead, names]) => names.split(' ').map((name) => [name, instead] as const)),
)

/** What every engine computes to the last bit. IEEE 754 says nothing about the rest. */
const EXACT_MATH = new Set([
  ...['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt'],
  ...['trunc', 'E', 'PI', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'SQRT2', 'SQRT1_2'],
])

/** `core/`, specs and the pure ledger are functions of their input: no IO, clock or chance. */
export const coreIsPure = rule('core-is-pure', (files, report) => {
  for (const module of modulesOf(files)) {
    const { file, program } = module
    if (!isPure(file.path)) continue
    const reachesCrypto = REACHES_CRYPTO.includes(file.path)
    for (const each of module.imports) {
      const why = impureImport(file.path, each, reachesCrypto)
      if (why) report(file, why, each.offset)
    }
    const own = declaredNames(program)
    walk(program, (node, parents) => {
      const why =
        impureSyntax(node) ??
        impureMember(node, reachesCrypto) ??
        mathTakenApart(node, parents) ??
        (isReference(node, parents) ? impureName(node.name, own, reachesCrypto) : undefined)
      if (why) report(file, why, node.start)
    })
  }
})

function impureImport(
  path: string,
  { from, typeOnly }: Import,
  crypto: boolean,
): string | undefined {
  if (from.startsWith('.')) {
    const to = relativeTo(path, from)
    return isPure(to) || to.endsWith('.json') ? undefined : `imports ${from}, which is not pure`
  }
  if (from === 'node:crypto' && typeOnly && crypto) return undefined
  if (from.startsWith(`${SCOPE}specs`)) return undefined
  if (from === `${SCOPE}ledger`) return undefined
  if (PURE_PACKAGES[roomOf(path)]?.includes(packageOf(from))) return undefined
  return `imports ${from}; pure code sees specs and the pure ledger only, so pass it in`
}

function impureSyntax(node: Node): string | undefined {
  switch (node.type) {
    case 'AwaitExpression':
      return 'awaits; return an effect, and let the shell answer with an event'
    case 'ImportExpression':
      return 'imports while it runs; import at the top'
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node.async ? 'is async; the core is synchronous, so return an effect' : undefined
    case 'ForOfStatement':
      return node.await ? 'awaits; the core is synchronous' : undefined
    case 'BinaryExpression':
      if (node.operator !== '**' || isExactPower(node.left, node.right)) return undefined
      return 'uses **, which engines round differently; multiply, shift, or use a table'
    case 'AssignmentExpression':
      return node.operator === '**=' ? 'uses **=, which engines round differently' : undefined
    default:
      return undefined
  }
}

function impureMember(node: Node, reachesCrypto: boolean): string | undefined {
  if (node.type === 'Literal' && node.value === 'node:crypto' && reachesCrypto) return undefined
  if (node.type === 'Literal' && typeof node.value === 'string' && /^node:/.test(node.value)) {
    return `names ${node.value}; only ${REACHES_CRYPTO.join(' and ')} may ask for node:crypto`
  }
  if (node.type !== 'MemberExpression') return undefined
  const object = nameOf(node.object)
  const name = nameOf(node) ?? '[...]'
  if (object === 'Math' && name === 'random') return 'draws chance; take it from the event'
  if (object === 'Math' && !EXACT_MATH.has(name)) {
    return `uses Math.${name}, whose last bit differs between engines; use integers or a table`
  }
  if (object === 'process' && name !== 'getBuiltinModule')
    return `reads process.${name}; pass it in`
  if (/^(localeCompare|toLocale\w+)$/.test(name)) return `uses ${name}, which depends on the locale`
  return undefined
}

/** Math is read by name only, `Math.floor`: what is handed on whole cannot be looked through. */
function mathTakenApart(node: Node, parents: readonly Node[]): string | undefined {
  if (!isReference(node, parents) || node.name !== 'Math') return undefined
  const parent = parents.at(-1)
  if (parent?.type === 'MemberExpression' && parent.object === node) return undefined
  return 'takes Math apart; write Math.floor and the like where they are used'
}

function impureName(name: string, own: Set<string>, reachesCrypto: boolean): string | undefined {
  if (own.has(name)) return undefined
  if (reachesCrypto && (name === 'process' || name === 'globalThis')) return undefined
  const instead = BANNED.get(name)
  return instead && `uses ${name}; ${instead}`
}

/** Whether a node is an identifier that stands for a value or type, not a key or a property. */
function isReference(node: Node, parents: readonly Node[]): node is Node & { name: string } {
  if (node.type !== 'Identifier') return false
  const parent = parents.at(-1)
  if (!parent) return true
  if ('computed' in parent && parent.computed) return true
  const named = ['property', 'key', 'imported', 'exported', 'label', 'qualifier']
  if (parent.type === 'TSQualifiedName') named.push('right')
  return !named.some((key) => Reflect.get(parent, key) === node)
}

/** Every name that a file declares anywhere: it may have its own `fetch` or `self`. */
function declaredNames(program: Program): Set<string> {
  const names = new Set<string>()
  walk(program, (node, parents) => {
    const parent = parents.at(-1)
    if (node.type === 'Identifier' && parent && declares(parent, node, parents.at(-2))) {
      names.add(node.name)
    }
  })
  return names
}

function declares(parent: Node, node: Node, above: Node | undefined): boolean {
  if (parent.type === 'Property') return above?.type === 'ObjectPattern' && parent.value === node
  if (parent.type === 'AssignmentPattern') return parent.left === node
  if (parent.type === 'ArrayPattern' || parent.type === 'RestElement') return true
  if (['id', 'local', 'param'].some((key) => Reflect.get(parent, key) === node)) return true
  const params: unknown = Reflect.get(parent, 'params')
  return Array.isArray(params) && params.includes(node)
}

/** Integers are raised exactly: as bigints, or as literals whose result a number holds. */
function isExactPower(left: Node, right: Node): boolean {
  if (isBigInt(left) || isBigInt(right)) return true
  if (left.type !== 'Literal' || right.type !== 'Literal') return false
  const [base, exponent] = [left.value, right.value]
  if (!Number.isSafeInteger(base) || !Number.isSafeInteger(exponent)) return false
  return Number(exponent) >= 0 && Number.isSafeInteger(Number(base) ** Number(exponent))
}

function isBigInt(node: Node): boolean {
  return node.type === 'Literal' && 'bigint' in node
}
