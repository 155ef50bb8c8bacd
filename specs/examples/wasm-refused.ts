import { type Bytes, code, u32 } from './wasm-code.ts'
import {
  assemble,
  fourPages,
  host,
  list,
  type ModuleText,
  nameBytes,
  one,
  usual,
} from './wasm-module.ts'

/** A module that is refused. */
export interface Refused {
  readonly name: string
  readonly module: Uint8Array
  readonly memoryBytesMax?: number
}

const pages = 65_536
/** The least module that there is. */
const least = { module: assemble(one('')) }

function refused(name: string, text: string | ModuleText): Refused {
  return { name, module: assemble(typeof text === 'string' ? one(text) : text) }
}

/** A module with one section in other bytes. */
function section(name: string, id: number, bytes: Bytes, text: ModuleText = one('')): Refused {
  return refused(name, { ...text, raw: { ...text.raw, [id]: bytes } })
}

function instruction(name: string, bytes: string): Refused {
  return refused(`with ${name}`, bytes)
}

/** A body of so many bytes behind its size. */
const bodyOf = (size: number): ModuleText => one('nop '.repeat(size - 2))
const many = (count: number, item: Bytes): Bytes => {
  const out: number[] = [...u32(count)]
  for (let i = 0; i < count; i++) for (const byte of item) out.push(byte)
  return out
}

/** Modules that every implementation refuses, by the rule that each of them breaks. */
export const refusals: readonly Refused[] = [
  { name: 'that is empty', module: new Uint8Array() },
  { name: 'of another version', module: least.module.with(4, 2) },
  { name: 'that is cut short', module: least.module.subarray(0, -1) },
  { name: 'with a byte behind', module: Uint8Array.of(...least.module, 1) },
  { name: 'with sections out of order', module: Uint8Array.of(...least.module, 1, 1, 0) },
  section('with a section of tags', 13, [1, 0, 0]),
  section('with a start function', 8, [0]),
  section('with a section of a number beyond all', 14, [0]),
  section('with more in a section than it says', 3, [1, 0, 0]),
  section('with fewer bodies than functions', 3, [2, 0, 0]),
  section('with a name that is no UTF-8', 0, [1, 0xff]),
  section('with a type of two results', 1, list([[0x60, 0, 2, 0x7f, 0x7f]])),
  section('with a type of a structure', 1, list([[0x5f, 0]])),
  section('with a parameter of a vector', 1, list([[0x60, 1, 0x7b, 0]])),
  section('with a parameter of a reference', 1, list([[0x60, 1, 0x70, 0]])),
  section('without a memory', 5, [0]),
  section('with two memories', 5, list([fourPages, fourPages])),
  section('with a memory without a maximum', 5, list([[0, 1]])),
  section('with a shared memory', 5, list([[3, 1, 4]])),
  section('with a memory of 64 bits', 5, list([[5, 1, 4]])),
  section('with a maximum below the minimum', 5, list([[1, 2, 1]])),
  section('with a maximum beyond what there is', 5, list([[1, 1, ...u32(65_537)]])),
  section('with a table of references to the host', 4, list([[0x6f, 0, 1]])),
  section(
    'with two tables',
    4,
    list([
      [0x70, 0, 1],
      [0x70, 0, 1],
    ]),
  ),
  section(
    'with an initial value that is computed',
    6,
    list([[0x7f, 0, ...code('i32.const 1 i32.const 1 i32.add'), 0x0b]]),
  ),
  section(
    'with an initial value of another type',
    6,
    list([[0x7f, 0, ...code('i64.const 1'), 0x0b]]),
  ),
  refused('with entries beyond the table', { ...one(''), table: [0, 1], elements: [[1, [0]]] }),
  refused('with data beyond the memory', { ...one(''), data: [[65_535, [1, 2]]] }),
  section('with passive entries', 9, list([[1, 0, 0]]), { ...one(''), table: [0, 1] }),
  section('with data that are not as many as announced', 12, [1]),
  refused('without _start', { ...one(''), exports: [['memory', 2, 0]] }),
  refused('without an exported memory', { ...one(''), exports: [['_start', 0, 0]] }),
  refused('whose memory is a function', {
    ...one(''),
    exports: [
      ['memory', 0, 0],
      ['_start', 0, 0],
    ],
  }),
  refused('whose _start takes something', { functions: [{ type: 'i:', code: '' }] }),
  refused('with a name that is exported twice', { ...one(''), exports: [...usual(), ...usual()] }),
  refused('with an export of what there is not', {
    ...one(''),
    exports: [...usual(), ['g', 3, 0]],
  }),
  refused('with an import of another module', {
    imports: [['env', 'proc_exit', 'i:']],
    functions: [{ type: ':', code: '' }],
  }),
  refused('with an import that there is not', {
    imports: [[host, 'sock_send', 'iiiii:i']],
    functions: [{ type: ':', code: '' }],
  }),
  refused('with an import of another type', {
    imports: [[host, 'fd_write', 'iiiI:i']],
    functions: [{ type: ':', code: '' }],
  }),
  section(
    'with an imported memory',
    2,
    list([[...nameBytes(host), ...nameBytes('m'), 2, 1, 1, 4]]),
  ),
  instruction('a vector', `0xfd 0x0c ${'0x00 '.repeat(16)} drop`),
  instruction('an atomic', '0xfe 0x03 0x00'),
  instruction('a tail call', '0x12 0x00'),
  instruction('an exception', '0x08 0x00'),
  instruction('a reference', '0xd2 0x00 drop'),
  instruction('a typed select', 'i32.const 1 i32.const 2 i32.const 3 0x1c 0x01 0x7f drop'),
  instruction('a table that grows', '0xfc 0x0f 0x00'),
  instruction('a second memory', 'i32.const 0 0x28 0x42 0x01 0x00 drop'),
  instruction('an instruction that there is not', '0x27'),
  instruction('a block of a type by its number', '0x02 0x00 0x0b'),
  instruction('an operand too few', 'i32.const 1 i32.add drop'),
  instruction('an operand of another type', 'i32.const 1 i64.const 1 i32.add drop'),
  instruction('an operand that is left over', 'i32.const 1'),
  instruction('a local that there is not', 'local.get 0 drop'),
  instruction('a local that the pass will add', 'loop end local.get 0 drop'),
  instruction('a global that the pass will add', 'global.get 0 drop'),
  instruction('a function that the pass will add', 'i32.const 1 call 1 drop'),
  instruction('a label that the pass will add', 'br 1'),
  instruction('a type that the pass will add', 'i32.const 0 call_indirect 1'),
  refused('with a constant that is set', {
    globals: [['i', 'i32.const 1']],
    functions: [{ type: ':', code: 'i32.const 1 global.set 0' }],
  }),
  instruction('an alignment beyond the natural one', 'i32.const 0 0x28 0x03 0x00 drop'),
  instruction('a number beyond 32 bits', '0x41 0xff 0xff 0xff 0xff 0x1f drop'),
  instruction('data without their count', 'data.drop 0'),
  instruction('an if that gives nothing without else', 'i32.const 1 if i32 i32.const 1 end drop'),
  instruction('bytes after its end', 'end nop'),
  {
    name: 'whose memory begins with more than it may use',
    module: least.module,
    memoryBytesMax: pages - 1,
  },
  refused('with a body beyond its bound', bodyOf(256 * 1024 + 1)),
  section('with functions beyond their bound', 3, many(50_001, [0])),
  section('with types beyond their bound', 1, many(10_001, [0x60, 0, 0])),
  refused('with parameters beyond their bound', {
    functions: [{ type: `${'i'.repeat(1001)}:`, code: '' }],
  }),
  section('with locals beyond their bound', 10, list([[5, 1, ...u32(10_001), 0x7f, 0x0b]])),
  refused('with constructs beyond their bound', `${'block '.repeat(4097)} ${'end '.repeat(4097)}`),
  refused('with loops beyond their bound', 'loop end '.repeat(4097)),
  refused(
    'with loops in each other beyond their bound',
    `${'loop '.repeat(65)} ${'end '.repeat(65)}`,
  ),
  refused('with constructs and locals beyond their bound', {
    functions: [{ type: ':', locals: 'i'.repeat(8000), code: 'block end '.repeat(1001) }],
  }),
  refused('with labels beyond their bound', `i32.const 0 br_table ${'0 '.repeat(65_002)}`),
  section('with a table beyond its bound', 4, list([[0x70, 0, ...u32(100_001)]])),
  section('with globals beyond their bound', 6, many(10_001, [0x7f, 0, 0x41, 0, 0x0b])),
  section('with data beyond their bound', 11, many(10_001, [1, 0])),
  section('with exports beyond their bound', 7, many(10_001, [0, 0, 0])),
  { name: 'with bytes beyond their bound', module: new Uint8Array(16 * 1024 * 1024 + 1) },
]
