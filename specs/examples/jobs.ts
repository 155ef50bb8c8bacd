import type { Job } from '../job/job.ts'
import { ids, made, now } from './cast.ts'

/** The chain that the jobs of the examples are published to. */
export const home = made.chain('the chain')

/** The smallest job. */
export const smallJob: Job = {
  v: 1,
  home,
  publisher: ids.publisher,
  nonce: made.nonce('small job'),
  issued: now,
  expires: now + 86_400_000,
  name: 'hello',
  tags: {},
  executors: [
    {
      type: 'wasm',
      module: made.file('hello.wasm'),
      command: [],
      env: {},
      stdout: '/out/hello.txt',
      ignoreError: false,
    },
  ],
  inputs: [],
  outputs: [{ kind: 'file', path: '/out/hello.txt' }],
  volumes: [],
  resources: {
    cores: 1,
    ramBytes: 512_000_000,
    diskBytes: 1_000_000_000,
    gpus: 0,
    gpuRamBytes: 0,
    fuel: 4_000_000_000_000,
    unitMs: 3_600_000,
  },
  compare: [],
  priority: 5,
}

/** A sweep over a range and a list, with inputs of every kind. */
export const sweepJob: Job = {
  ...smallJob,
  nonce: made.nonce('sweep job'),
  name: 'Ising model, 2 × 500 units',
  description: 'Magnetisation near the critical point.\nSee the project page.',
  project: 'ising',
  tags: { field: 'statistical physics', 'ORCID iD': '0000-0002-1825-0097' },
  executors: [
    {
      type: 'wasm',
      module: made.file('ising.wasm'),
      command: ['--beta', '{{beta}}', '--seed', '{{seed}}'],
      env: { UNIT: '{{unit}}', LC_ALL: 'C' },
      stdin: '/in/lattice.csv',
      stdout: '/scratch/raw.csv',
      stderr: '/out/log.txt',
      workdir: '/scratch',
      ignoreError: false,
    },
    {
      type: 'wasm',
      module: made.file('mean.wasm'),
      command: ['/in/weights/w.csv'],
      env: {},
      stdin: '/scratch/raw.csv',
      stdout: '/out/mean.csv',
      ignoreError: true,
    },
  ],
  inputs: [
    {
      path: '/in/lattice.csv',
      kind: 'file',
      from: { type: 'cid', cid: made.directory('lattices'), below: 'size-{{seed}}.csv' },
      name: 'Lattice',
      description: 'Start configuration.',
    },
    { path: '/in/weights', kind: 'directory', from: { type: 'cid', cid: made.directory('w') } },
    { path: '/in/run.txt', kind: 'file', from: { type: 'text', text: 'run {{unit}}\n' } },
    { path: '/in/mask.bin', kind: 'file', from: { type: 'bytes', bytes: Uint8Array.of(0, 255) } },
  ],
  outputs: [
    { kind: 'file', path: '/out/mean.csv', name: 'Mean', description: 'One row a sweep.' },
    { kind: 'file', path: '/out/log.txt' },
  ],
  volumes: ['/scratch'],
  sweep: [
    { type: 'values', name: 'beta', values: ['0.40', '0.45'] },
    { type: 'range', name: 'seed', from: 1, step: 1, count: 500, digits: 0 },
  ],
  replicas: { quorum: 2, max: 6 },
  compare: [{ type: 'ignore', path: '/out/log.txt' }],
  priority: 9,
  deadline: now + 30 * 86_400_000,
  budgetMicro: 250_000_000,
}

/** A container, its image as an archive, compared with a tolerance and by a checker. */
export const imageJob: Job = {
  ...smallJob,
  nonce: made.nonce('image job'),
  name: 'Fold a protein',
  executors: [
    {
      type: 'docker',
      image: `sha256:${made.digest('image')}`,
      archive: made.file('image.tar'),
      command: ['fold', '/in/p53.fasta', '/out'],
      env: { OMP_NUM_THREADS: '4' },
      ignoreError: false,
    },
  ],
  inputs: [
    { path: '/in/p53.fasta', kind: 'file', from: { type: 'cid', cid: made.file('p53.fasta') } },
  ],
  outputs: [{ kind: 'directory', path: '/out' }],
  resources: { ...smallJob.resources, cores: 4, gpus: 1, gpuRamBytes: 8_000_000_000 },
  compare: [
    {
      type: 'tolerance',
      path: '/out/energy.csv',
      format: 'csv',
      absolute: '1e-9',
      relative: '0.000001',
    },
    { type: 'checker', path: '/out/model.pdb', module: made.file('check.wasm') },
  ],
}
