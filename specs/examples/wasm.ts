import { type Bytes, code, u32 } from './wasm-code.ts'
import { assemble, fourPages, list, type ModuleText, nameBytes, usual } from './wasm-module.ts'

/** A module that runs, with so much fuel and memory. */
export interface Program {
  readonly name: string
  readonly module: Uint8Array
  readonly fuel: number
  readonly memoryBytesMax: number
}

/** A module that is refused. */
export interface Refused {
  readonly name: string
  readonly module: Uint8Array
  readonly memoryBytesMax?: number
}

const pages = 65_536
const host = 'wasi_snapshot_preview1'

function program(name: string, text: string | ModuleText, fuel = 1_000_000): Program {
  const module = assemble(typeof text === 'string' ? one(text) : text)
  return { name, module, fuel, memoryBytesMax: 4 * pages }
}

function one(text: string, locals = ''): ModuleText {
  return { functions: [{ type: ':', locals, code: text }] }
}

/** Keeps what a program found, at 0. */
function found(text: string, type = 'i32'): string {
  return `i32.const 0 ${text} ${type}.store`
}

const counted = `
  i32.const 10 local.set 0
  loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end`
const recursion: ModuleText = { functions: [{ type: ':', code: 'call 0' }] }
const nan = (bits: string) => `f64.const bits:${BigInt(bits)}`
/** Zero through zero, which gives a NaN whose bits depend on the machine. */
const drawnNan = `${found('i32.const 0')} i32.const 64 f64.load i32.const 64 f64.load f64.div`

/** Modules with how they end: each rule of the prose that has to do with running has one. */
export const programs: readonly Program[] = [
  program('that does nothing', ''),
  program('that stores a number', found('i32.const 42')),
  program(
    'with one segment, of all kinds of weights',
    found(`
    i32.const 7 i32.const 3 i32.div_s f64.convert_i32_s f64.sqrt f64.const 1 f64.add
    f64.const 2 f64.lt f32.const 2 f32.const 3 f32.div i32.trunc_sat_f32_s i32.add`),
  ),
  program('with a loop', one(counted, 'i')),
  program('with a loop, and too little fuel for its last round', one(counted, 'i'), 26),
  program('with a loop, and just enough', one(counted, 'i'), 30),
  program('with a loop that never ends', 'loop br 0 end', 1000),
  program('with a loop of no cost inside', one('loop end', ''), 0),
  program('that is out of fuel after its last check', found('i32.const 42'), 0),
  program('that traps without fuel', 'i32.const 1 i32.const 0 i32.div_s drop', 3),
  program('that traps', 'unreachable'),
  program(
    'that traps in a segment that is paid for',
    `${found('i32.const 1')}
    i32.const 1 i32.const 0 i32.div_s drop nop i32.const 1 i32.const 2 i32.add drop`,
  ),
  program('with an if and no else, not taken', `i32.const 0 if ${found('i32.const 1')} end`),
  program(
    'with an if and an else',
    `
    i32.const 1 if ${found('i32.const 1')} else ${found('i32.const 2')} end ${found('i32.const 3')}`,
  ),
  program(
    'with a block to which nothing leads',
    `block ${found('i32.const 1')} end memory.size drop`,
  ),
  program('with a block that is left', `block br 0 ${found('i32.const 1')} end memory.size drop`),
  program(
    'with a block that is left on a condition',
    `
    block i32.const 1 br_if 0 ${found('i32.const 1')} end memory.size drop`,
  ),
  program('with a br_if that nothing reaches', 'return i32.const 1 br_if 0 memory.size drop'),
  program(
    'with a br_table',
    `
    block block block i32.const 1 br_table 0 1 2 end unreachable end ${found('i32.const 5')} end`,
  ),
  program('with a value that a branch carries', found('block i32 i32.const 9 br 0 end')),
  program('with a small function, which is not checked', {
    functions: [
      { type: ':', code: found('i32.const 20 call 1') },
      { type: 'i:i', code: 'local.get 0 i32.const 1 i32.add' },
    ],
  }),
  program('with a small function that is large enough to be none', {
    functions: [
      { type: ':', code: found('i32.const 20 call 1') },
      { type: 'i:i', code: `local.get 0 ${'i32.const 1 i32.add '.repeat(1001)}` },
    ],
  }),
  program('with a function of many locals', {
    functions: [
      { type: ':', code: found('call 1') },
      { type: ':i', locals: 'I'.repeat(300), code: 'i32.const 1' },
    ],
  }),
  program('with a call through the table', {
    table: [0, 4],
    elements: [[1, [0, 1]]],
    functions: [
      { type: ':', code: found('i32.const 2 call_indirect 1') },
      { type: ':i', code: 'i32.const 11' },
    ],
  }),
  program('with a call through an empty entry', {
    table: [1, 4, 4],
    functions: [{ type: ':', code: 'i32.const 3 call_indirect 0' }],
  }),
  program('that calls itself without end', recursion),
  program('that calls itself without end or fuel', recursion, 10_000),
  program('that calls itself with many operands', {
    functions: [{ type: ':', code: `${'i64.const 1 '.repeat(100)} call 0 ${'drop '.repeat(100)}` }],
  }),
  program('that calls itself with parameters', {
    functions: [
      { type: ':', code: 'i32.const 7 i64.const 1 f64.const 1 call 1' },
      { type: 'iIF:', code: 'local.get 0 i64.const 5 local.get 2 call 1' },
    ],
  }),
  program('with globals', {
    globals: [
      ['i', 'i32.const 3'],
      ['I!', 'i64.const -1'],
      ['f!', 'f32.const 0.5'],
      ['F', 'f64.const 1'],
    ],
    functions: [{ type: ':', code: `i64.const 5 global.set 1 ${found('global.get 1', 'i64')}` }],
  }),
  program('that grows its memory', found('i32.const 2 memory.grow')),
  program(
    'that grows its memory to what it may use',
    `${found('i32.const 3 memory.grow')}
    i32.const 4 memory.size i32.store`,
  ),
  program('that grows its memory beyond that', found('i32.const 4 memory.grow')),
  program('that grows its memory by a number without sign', found('i32.const -1 memory.grow')),
  program('that grows its memory without the fuel', found('i32.const 1 memory.grow'), 8192),
  program('whose memory may have less than it declares', {
    memory: [1, 1, 100],
    functions: [{ type: ':', code: found('i32.const 4 memory.grow') }],
  }),
  program('that fills, copies and drops', {
    dataCount: 2,
    data: [
      [8, [1, 2, 3, 4]],
      [undefined, [5, 6, 7, 8, 9, 10, 11, 12, 13]],
    ],
    functions: [
      {
        type: ':',
        code: `
      i32.const 100 i32.const 7 i32.const 65 memory.fill
      i32.const 200 i32.const 8 i32.const 20 memory.copy
      i32.const 300 i32.const 0 i32.const 9 memory.init 1 data.drop 1`,
      },
    ],
  }),
  program('that fills more than there is', 'i32.const 0 i32.const 1 i32.const 131072 memory.fill'),
  program('with a NaN that is drawn and stored', `i32.const 8 ${drawnNan} f64.store`),
  program(
    'with a NaN of 32 bits that is drawn and stored',
    `
    i32.const 8 ${drawnNan} f32.demote_f64 f32.store`,
  ),
  program(
    'with a NaN that is loaded and stored',
    `
    i32.const 8 i64.const 0x7ff4000000000001 i64.store i32.const 16 i32.const 8 f64.load f64.store`,
  ),
  program(
    'with a NaN that goes through a local',
    one(
      `
    ${nan('0xfff8000000000001')} local.set 0 i32.const 8 local.get 0 f64.store`,
      'F',
    ),
  ),
  program('with a constant NaN', `i32.const 8 ${nan('0xfff8000000000001')} f64.store`),
  program(
    'with a NaN whose bits are an integer',
    `
    i32.const 8 ${nan('0xfff8000000000001')} f64.neg i64.reinterpret_f64 i64.store`,
  ),
  program(
    'with a NaN that gives its sign',
    found(
      `
    f64.const 1 ${nan('0xfff8000000000001')} f64.abs f64.neg f64.copysign`,
      'f64',
    ),
  ),
  program('that exits', {
    imports: [[host, 'proc_exit', 'i:']],
    functions: [
      { type: ':', code: `${found('i32.const 1')} i32.const 3 call 0 ${found('i32.const 2')}` },
    ],
  }),
  program(
    'that has no fuel left for a host call',
    {
      imports: [[host, 'sched_yield', ':i']],
      functions: [{ type: ':', code: `${found('call 0')} ${found('call 0')}` }],
    },
    1500,
  ),
  program('whose names are dropped', {
    ...one(found('i32.const 1')),
    raw: { 0: [...nameBytes('name'), 1, 2, 3] },
    exports: [...usual(), ['other', 0, 0], ['nexapod.fuel', 2, 0]],
  }),
  program('with numbers that are longer than they have to be', {
    ...one('0x41 0xaa 0x80 0x00 drop'),
    memory: [1, 0x81, 0x80, 0x00, 0x84, 0x00],
  }),
]

const [least] = programs as readonly [Program]

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
