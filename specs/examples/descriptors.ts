import type { Code } from '../refusal/refusals.ts'
import type { Json } from '../schema/schema.ts'
import { made } from './cast.ts'

type JsonMap = { readonly [key: string]: Json }

const pi: JsonMap = {
  nexapod: 'v1',
  name: 'pi',
  executors: [{ module: './pi.wasm', stdout: '/out/pi.txt' }],
  outputs: [{ path: '/out/pi.txt' }],
}

/** Descriptors as people write them. */
export const descriptors: Readonly<Record<string, JsonMap>> = {
  'the smallest': pi,
  'with all keys': {
    nexapod: 'v1',
    name: 'Ising model',
    description: 'Magnetisation near the critical point.',
    project: 'ising',
    tags: { field: 'statistical physics' },
    executors: [
      {
        module: `ipfs://${made.file('ising.wasm')}`,
        command: ['--beta', '{{beta}}', '--field', '{{h}}', '--seed', '{{seed}}'],
        env: { UNIT: '{{unit}}' },
        stdin: '/in/lattice.csv',
        stdout: '/scratch/raw.csv',
        stderr: '/out/log.txt',
        workdir: '/scratch',
        ignore_error: true,
      },
      { module: './mean.wasm', stdin: '/scratch/raw.csv', stdout: '/out/mean.csv' },
    ],
    inputs: [
      { path: '/in/lattice.csv', url: './lattices/{{seed}}.csv', name: 'Lattice' },
      { path: '/in/weights', url: `ipfs://${made.directory('w')}/v2`, type: 'DIRECTORY' },
      { path: '/in/run.txt', content: 'run {{unit}}\n' },
      { path: '/in/mask.bin', url: 'data:application/octet-stream;base64,AP8=' },
      {
        path: '/in/table.csv',
        url: `https://example.org/table.csv#sha256=${made.digest('table')}`,
      },
    ],
    outputs: [{ path: '/out/mean.csv', description: 'One row.' }, { path: '/out/log.txt' }],
    volumes: ['/scratch'],
    resources: { cpu_cores: 2, ram_gb: 1.5, disk_gb: 0.25, fuel: 1_000_000_000, seconds: 90 },
    sweep: {
      seed: { from: 1, to: 500 },
      beta: [0.4, '0.45', true],
      h: { from: 0.5, to: -0.5, step: -0.25 },
    },
    replicas: { quorum: 2, max: 6 },
    compare: [{ path: '/out/log.txt', by: 'ignore' }],
    priority: 9,
    deadline: '2026-12-24T18:00:00Z',
    budget: 250.5,
  },
  'a container': {
    nexapod: 'v1',
    name: 'fold',
    executors: [
      {
        image: `./fold.tar#sha256:${made.digest('image')}`,
        command: ['fold', '/in/p53.fasta', '/out'],
      },
    ],
    inputs: [{ path: '/in/p53.fasta', url: 'p53.fasta' }],
    outputs: [{ path: '/out', type: 'DIRECTORY' }],
    resources: { cpu_cores: 4, gpus: 1, gpu_ram_gb: 8 },
    compare: [
      { path: '/out/energy.csv', by: 'tolerance', format: 'csv', absolute: 1e-9, relative: '1e-6' },
      { path: '/out/model.pdb', by: 'checker', module: './check.wasm' },
    ],
  },
}

/** A descriptor that is refused: a change to the smallest, and what must be said of it. */
export interface Wrong {
  readonly name: string
  readonly descriptor: Json
  readonly code: Code
  readonly at: string
}

function wrong(name: string, change: JsonMap, code: Code, at: string): Wrong {
  return { name, descriptor: { ...pi, ...change }, code, at }
}

function program(name: string, change: JsonMap, code: Code, at: string): Wrong {
  const executors = [{ module: './pi.wasm', stdout: '/out/pi.txt', ...change }]
  return wrong(name, { executors }, code, at)
}

function input(name: string, change: JsonMap, code: Code, at: string): Wrong {
  return wrong(name, { inputs: [{ path: '/in/a', url: 'a', ...change }] }, code, `inputs[0]${at}`)
}

function swept(name: string, sweep: JsonMap, code: Code, at: string): Wrong {
  return wrong(name, { sweep }, code, at)
}

const cid = made.directory('w')

/** Descriptors that are refused, each by name and place. */
export const wrongDescriptors: readonly Wrong[] = [
  { name: 'not a map', descriptor: [pi], code: 'document.type', at: '' },
  { name: 'nothing', descriptor: null, code: 'document.type', at: '' },
  wrong('another version', { nexapod: 'v2' }, 'document.choice', 'nexapod'),
  wrong('a key misspelled', { ressources: {} }, 'document.unknown-key', 'ressources'),
  wrong('a key of TES in another case', { Name: 'x' }, 'document.unknown-key', 'Name'),
  wrong('an empty name', { name: '' }, 'document.bounds', 'name'),
  wrong('a name with a line break', { name: 'a\nb' }, 'document.form', 'name'),
  wrong('a name that turns round', { name: 'a\u202egnp.exe' }, 'document.form', 'name'),
  wrong('half a surrogate pair', { name: 'a\ud800' }, 'document.form', 'name'),
  wrong('a long name', { name: 'x'.repeat(129) }, 'document.bounds', 'name'),
  wrong('a project in capitals', { project: 'Ising' }, 'document.form', 'project'),
  wrong('no programs', { executors: [] }, 'document.bounds', 'executors'),
  wrong('no outputs', { outputs: [] }, 'document.bounds', 'outputs'),
  program('a module and an image', { image: 'x' }, 'document.rule', 'executors[0]'),
  wrong('neither', { executors: [{ command: [] }] }, 'document.rule', 'executors[0]'),
  program('a number as argument', { command: [1] }, 'document.type', 'executors[0].command[0]'),
  program('NUL', { command: ['a\u0000'] }, 'document.form', 'executors[0].command[0]'),
  program(
    'too many arguments',
    { command: Array.from({ length: 257 }, () => 'x') },
    'document.bounds',
    'executors[0].command',
  ),
  program('a variable with =', { env: { 'A=B': '1' } }, 'document.form', 'executors[0].env."A=B"'),
  program(
    'out of the sandbox',
    { stdout: '/etc/passwd' },
    'job.unsafe-path',
    'executors[0].stdout',
  ),
  program('..', { stdout: '/out/../etc/a' }, 'job.unsafe-path', 'executors[0].stdout'),
  program('a control character', { stdin: '/in/a\u0007' }, 'job.unsafe-path', 'executors[0].stdin'),
  program('writing an input root', { stdout: '/in/a' }, 'job.unsafe-path', 'executors[0].stdout'),
  program('reading what it writes', { stdin: '/out/pi.txt' }, 'job.cycle', 'executors[0].stdin'),
  program(
    'both streams into one file',
    { stderr: '/out/PI.txt' },
    'job.path-collision',
    'executors[0].stderr',
  ),
  wrong(
    'a cycle of two programs',
    {
      executors: [
        { module: 'a.wasm', stdin: '/scratch/b', stdout: '/scratch/a' },
        { module: 'b.wasm', stdin: '/scratch/a', stdout: '/scratch/b' },
      ],
    },
    'job.cycle',
    'executors[0].stdin',
  ),
  wrong(
    'modules and images',
    { executors: [{ module: 'a.wasm' }, { image: `x@sha256:${made.digest('image')}` }] },
    'document.rule',
    'executors[1]',
  ),
  wrong(
    'an image by tag',
    { executors: [{ image: 'debian:12' }] },
    'document.form',
    'executors[0].image',
  ),
  wrong(
    'an image of options',
    { executors: [{ image: `--privileged@sha256:${made.digest('image')}` }] },
    'document.form',
    'executors[0].image',
  ),
  program('a module inside', { module: `ipfs://${cid}/a` }, 'job.source', 'executors[0].module'),
  input('an absolute source', { url: '/etc/passwd' }, 'job.unsafe-path', '.url'),
  input('a source above', { url: '../secret' }, 'job.unsafe-path', '.url'),
  input('a source above, inside', { url: 'a/../../b' }, 'job.unsafe-path', '.url'),
  input('a source of Windows', { url: 'a\\b' }, 'job.unsafe-path', '.url'),
  input('a file URL', { url: 'file:///etc/passwd' }, 'job.source', '.url'),
  input('plain http', { url: 'http://example.org/a' }, 'job.source', '.url'),
  input('https without a digest', { url: 'https://example.org/a' }, 'job.source', '.url'),
  input('a CID of version 0', { url: `ipfs://Qm${'a'.repeat(44)}` }, 'document.form', '.url'),
  input('a way out of a CID', { url: `ipfs://${cid}/../x` }, 'job.unsafe-path', ''),
  input('base 64 that is none', { url: 'data:text/plain;base64,A' }, 'job.source', '.url'),
  input('a URL and a content', { content: 'x' }, 'document.rule', ''),
  input(
    'a text as directory',
    { url: 'data:;base64,AA==', type: 'DIRECTORY' },
    'document.rule',
    '.type',
  ),
  input('a root alone as input', { path: '/' }, 'job.unsafe-path', '.path'),
  input('a dot at the end', { path: '/in/a.' }, 'job.unsafe-path', '.path'),
  input('two slashes', { path: '/in//a' }, 'job.unsafe-path', '.path'),
  input('deep', { path: `/in${'/a'.repeat(40)}` }, 'job.unsafe-path', '.path'),
  wrong(
    'the same path in another case',
    {
      inputs: [
        { path: '/in/Data', url: 'a' },
        { path: '/in/data', url: 'b' },
      ],
    },
    'job.path-collision',
    'inputs[1].path',
  ),
  wrong(
    'a path inside another',
    {
      inputs: [
        { path: '/in/a', url: 'a' },
        { path: '/in/a/b', url: 'b' },
      ],
    },
    'job.path-collision',
    'inputs[1].path',
  ),
  wrong(
    'an output twice',
    { outputs: [{ path: '/out/pi.txt' }, { path: '/out/pi.txt' }] },
    'job.path-collision',
    'outputs[1].path',
  ),
  wrong(
    'a comparison with keys of another',
    { compare: [{ path: '/out/pi.txt', by: 'ignore', format: 'csv' }] },
    'document.rule',
    'compare[0].format',
  ),
  program(
    'a stream below a file',
    { stderr: '/out/pi.txt/log' },
    'job.path-collision',
    'executors[0].stderr',
  ),
  program(
    'a stream in place of a directory',
    { stderr: '/tmp' },
    'job.unsafe-path',
    'executors[0].stderr',
  ),
  input('a file in place of a directory', { path: '/in' }, 'job.unsafe-path', '.path'),
  input(
    'two digests',
    { url: `https://x.org/a#sha256=${made.digest('a')}#sha256=b` },
    'job.source',
    '.url',
  ),
  swept(
    'a number that loses digits',
    { a: [2 * Number.MAX_SAFE_INTEGER] },
    'document.bounds',
    'sweep.a[0]',
  ),
  wrong('half a core', { resources: { cpu_cores: 0.5 } }, 'document.type', 'resources.cpu_cores'),
  wrong(
    'less disk than none',
    { resources: { disk_gb: -1e-273 } },
    'document.bounds',
    'resources.disk_gb',
  ),
  wrong('no memory', { resources: { ram_gb: 0 } }, 'document.bounds', 'resources.ram_gb'),
  wrong(
    'an order that no one can keep',
    { replicas: { quorum: 3, max: 2 } },
    'document.rule',
    'replicas',
  ),
  wrong(
    'a comparison of no output',
    { compare: [{ path: '/scratch/x', by: 'ignore' }] },
    'document.rule',
    'compare[0].path',
  ),
  wrong(
    'a tolerance without a format',
    { compare: [{ path: '/out/pi.txt', by: 'tolerance' }] },
    'document.missing-key',
    'compare[0].format',
  ),
  wrong('a day that is not', { deadline: '2027-02-29T00:00:00Z' }, 'document.form', 'deadline'),
  wrong('a sweep of nothing', { sweep: {} }, 'document.bounds', 'sweep'),
  swept('a step of 0', { a: { from: 1, to: 2, step: 0 } }, 'job.endless-sweep', 'sweep.a.step'),
  swept('a step the wrong way', { a: { from: 2, to: 1 } }, 'job.endless-sweep', 'sweep.a'),
  swept('a range too long', { a: { from: 1, to: 1e8 } }, 'job.endless-sweep', 'sweep.a'),
  swept(
    'a product too large',
    { a: { from: 1, to: 10_000 }, b: { from: 0, to: 1000 } },
    'job.endless-sweep',
    'sweep',
  ),
  swept('too many digits', { a: { from: 0, to: 1, step: 1e-12 } }, 'document.form', 'sweep.a.step'),
  swept('no values', { a: [] }, 'document.bounds', 'sweep.a'),
  swept('the name unit', { unit: [1] }, 'document.rule', 'sweep.unit'),
  swept('a name in capitals', { A: [1] }, 'document.form', 'sweep.A'),
  wrong(
    'an unknown parameter',
    { ...pi, executors: [{ module: 'a.wasm', command: ['{{sead}}'] }], sweep: { seed: [1] } },
    'job.unknown-parameter',
    'executors[0].command[0]',
  ),
  wrong(
    'a parameter that leads out',
    { inputs: [{ path: '/in/a', url: `ipfs://${cid}/{{x}}` }], sweep: { x: ['..'] } },
    'job.unsafe-path',
    'inputs[0]',
  ),
  wrong(
    'an argument that grows too long',
    {
      executors: [{ module: 'a.wasm', command: ['{{x}}'.repeat(20)] }],
      sweep: { x: ['y'.repeat(256)] },
    },
    'document.rule',
    'executors[0].command[0]',
  ),
]
