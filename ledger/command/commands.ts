import type { Command } from './command.ts'

const json = { about: 'Write JSON to stdout, and nothing else.' }

const sources = [
  'A SOURCE is the directory of another store (a backup, a follower), which stays as it is, or a',
  'file that export wrote. Of several, each goes on where the one before ends.',
]

/** All commands, in the order in which help lists them. */
export const commands: readonly Command[] = [
  {
    name: 'audit',
    usages: ['DIR [--own]'],
    about: 'read every entry by all rules, and say what was found',
    more: [
      'Reads a copy, so that DIR stays as it is. Checks the links of the chain, its signatures,',
      'what its facts add up to, the tree, and what was signed here. If something is wrong, it',
      'says what, where on the disk, and what to type to mend it.',
    ],
    options: {
      own: { about: 'Leave out signatures that this coordinator verified before it wrote them.' },
      json,
    },
    least: 1,
    most: 1,
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'show',
    usages: ['DIR', 'DIR SEQ', 'DIR FROM-TO', 'DIR --roster'],
    about: 'show where a ledger stands, or some of its entries',
    more: [
      'Without numbers: its tip, its mesh and roster, its last checkpoint, and who has credit.',
      'With them: these entries, each fact on a line; with --json one entry on a line.',
      'With --roster: the roster as JSON, which verify needs. Give it by a way that people trust.',
    ],
    options: { roster: { about: 'Write the roster as JSON.' }, json },
    least: 1,
    most: 2,
    load: async () => (await import('./show.ts')).show,
  },
  {
    name: 'proof',
    usages: ['DIR SEQ [--size SIZE]', 'DIR --from SIZE [--size SIZE]'],
    about: 'prove that an entry is in a ledger, or that it only grew',
    more: [
      'Writes JSON: the hashes of RFC 6962 that lead from an entry to the root at a size, or from',
      'the root at one size to the root at a larger one. Without --size, the size is that of now.',
    ],
    options: {
      from: { value: 'SIZE', about: 'Prove that the ledger at this size is the beginning of it.' },
      size: { value: 'SIZE', about: 'The size whose root is proven to.' },
      json: { about: 'Write JSON also where there is no proof.' },
    },
    least: 1,
    most: 2,
    load: async () => (await import('./proof.ts')).proof,
  },
  {
    name: 'certificate',
    usages: ['DIR --account ACCOUNT [--out FILE]', 'DIR --entry SEQ [--out FILE]'],
    about: 'make a file that proves a balance or an entry to anybody',
    more: [
      'The file stands below the last checkpoint that a quorum of the roster has signed. Whoever',
      'has the roster checks it with verify, offline. An ACCOUNT is the key of an owner,',
      '12D3KooW..., or the whole name of an account, as in escrow/ and the digest of a job.',
    ],
    options: {
      account: { value: 'ACCOUNT', about: 'Prove how much this account holds.' },
      entry: { value: 'SEQ', about: 'Prove what happened in this entry.' },
      out: { value: 'FILE', about: 'Write it to a new file, and say on stdout what it proves.' },
      json: { about: 'With --out: say that as JSON.' },
    },
    least: 1,
    most: 1,
    load: async () => (await import('./certificate.ts')).certificate,
  },
  {
    name: 'verify',
    usages: ['FILE --roster ROSTER'],
    about: 'check a certificate, with nothing but the keys of the roster',
    more: [
      'Says what it proves, as of when, and who signed. A false one proves nothing: exit code 1.',
      'Take the roster from somebody you trust, not from whoever gave you the certificate.',
    ],
    options: { roster: { value: 'ROSTER', about: 'A file that show DIR --roster wrote.' }, json },
    least: 1,
    most: 1,
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'backup',
    usages: ['DIR TO'],
    about: 'copy a ledger that is not in use, each entry checked',
    more: ['TO is a new directory, or an empty one. It holds a store, as DIR does.'],
    options: { json },
    least: 2,
    most: 2,
    load: async () => (await import('./copy.ts')).backup,
  },
  {
    name: 'restore',
    usages: ['FROM TO'],
    about: 'make a ledger from a backup, each entry checked',
    more: [
      'TO is a new directory, or an empty one. What is restored signs nothing before the witnesses',
      'were asked, and then nothing below what they have seen.',
    ],
    options: { json },
    least: 2,
    most: 2,
    load: async () => (await import('./copy.ts')).restore,
  },
  {
    name: 'repair',
    usages: ['DIR --from SOURCE [--from SOURCE ...]'],
    about: 'make a damaged ledger anew from other copies',
    more: [
      ...sources,
      'What is left in DIR is taken too. The damaged files go into quarantine: nothing is deleted.',
      'If a source has another history than DIR, nothing is changed.',
    ],
    options: { from: { value: 'SOURCE', many: true, about: 'Where to take entries from.' }, json },
    least: 1,
    most: 1,
    load: async () => (await import('./repair.ts')).repair,
  },
  {
    name: 'export',
    usages: ['DIR FILE'],
    about: 'write all entries to one new file, which repair can read',
    more: ['It holds the entries alone: not what was signed here, nor rows of the coordinator.'],
    options: { json },
    least: 2,
    most: 2,
    load: async () => (await import('./copy.ts')).exportEntries,
  },
]
