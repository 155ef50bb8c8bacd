import { isTest, packageOf, roomOf } from './house.ts'
import { type Module, modulesOf, nameOf, rule, walk } from './source.ts'

const HOMES: readonly { readonly what: RegExp; readonly home: string }[] = [
  { what: /^((abstract|classic|browser|memory)-)?level$/, home: 'ledger/store/' },
  { what: /^(libp2p|helia|@libp2p\/.*|@helia\/.*|@chainsafe\/libp2p-.*)$/, home: 'mesh/' },
  { what: /^(fastify|@fastify\/.*)$/, home: 'coordinator/shell/http/' },
  { what: /^dockerode$/, home: 'node/executors/docker' },
  { what: /^@noble\/(ed25519|curves)$/, home: 'specs/signed/' },
]

/** Each heavy dependency has one home: only there may it be imported. Tests may import anything. */
export const oneHome = rule('one-home', (files, report) => {
  for (const { file, imports } of modulesOf(files)) {
    if (roomOf(file.path) === 'test') continue
    for (const { from, offset } of imports) {
      const found = HOMES.find(({ what }) => what.test(packageOf(from)))
      if (!found || file.path.startsWith(found.home)) continue
      report(
        file,
        `imports ${from}, whose only home is ${found.home}; use what that offers`,
        offset,
      )
    }
  }
})

/** There is one `verify`, it is in specs/signed, and it is strict (ZIP215 accepts forgeries). */
export const oneVerify = rule('one-verify', (files, report) => {
  for (const module of modulesOf(files)) {
    const { file } = module
    if (isTest(file.path)) continue
    if (file.path.startsWith('specs/signed/')) {
      const lenient = lenientVerify(module)
      if (lenient !== undefined) report(file, 'verifies without zip215: false; pass it', lenient)
      continue
    }
    for (const { name, offset } of namedImports(module, 'node:crypto')) {
      if (!/^(sign|verify|createSign|createVerify)$/.test(name)) continue
      report(file, `takes ${name} from node:crypto; use the one of @nexapod/specs`, offset)
    }
  }
})

/** Where noble's verify is imported by a file that does not say `zip215: false`. */
function lenientVerify(module: Module): number | undefined {
  const verify = namedImports(module, '@noble/ed25519').find(({ name }) => /^verify/.test(name))
  let strict = false
  let lenient: number | undefined
  walk(module.program, (node) => {
    if (node.type !== 'Property' || nameOf(node.key) !== 'zip215') return
    if (node.value.type === 'Literal' && node.value.value === false) strict = true
    else lenient = node.start
  })
  return lenient ?? (strict ? undefined : verify?.offset)
}

/** The names that a file imports from a module; a namespace brings every name, so `verify`. */
function namedImports(module: Module, from: string): { name: string; offset: number }[] {
  const found: { name: string; offset: number }[] = []
  for (const node of module.program.body) {
    if (node.type !== 'ImportDeclaration' || node.source.value !== from) continue
    if (node.importKind === 'type') continue
    for (const each of node.specifiers) {
      const name = each.type === 'ImportSpecifier' ? nameOf(each.imported) : 'verify'
      if (name !== undefined) found.push({ name, offset: each.start })
    }
  }
  return found
}
