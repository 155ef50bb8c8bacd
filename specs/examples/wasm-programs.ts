import { assemble, host, type ModuleText, nameBytes, one, usual } from './wasm-module.ts'

/** A module that runs, with so much fuel and memory. */
export interface Program {
  readonly name: string
  readonly module: Uint8Array
  readonly fuel: number
  readonly memoryBytesMax: number
}

const pages = 65_536

function program(name: string, text: string | ModuleText, fuel = 1_000_000): Program {
  const module = assemble(typeof text === 'string' ? one(text) : text)
  return { name, module, fuel, memoryBytesMax: 4 * pages }
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
    i32.const 1 if ${found('i32.const 1')} else ${found('i32.const 2')} end
    ${found('i32.const 3')}`,
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
  program('with calls that give their room back, whichever way they return', {
    functions: [
      {
        type: ':',
        locals: 'i',
        code: `i32.const 10000 local.set 0
          loop call 1 local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end`,
      },
      { type: ':', code: 'block call 2 i32.const 1 br_if 0 call 2 end return' },
      { type: ':', code: '' },
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
