import {
  type Account,
  type Answer,
  accept,
  accountSchema,
  type Certificate,
  certificateSchema,
  encode,
  fromJson,
  refuse,
} from '@nexapod/specs'
import { certifyBalance, certifyEntry } from '../certificate/certificate.ts'
import { Chain } from '../chain/chain.ts'
import { type Electorate, isQuorum } from '../chain/governance.ts'
import { stateRoot } from '../fold/learn.ts'
import type { Ledger } from '../ledger.ts'
import { recover, type Store } from '../store/index.ts'
import type { Given } from './command.ts'
import { bytes as bytesOf, count, counted, rows } from './figures.ts'
import { alreadyThere, writeNew } from './new-file.ts'
import { noNumber, numberOf } from './numbers.ts'
import { Progress } from './progress.ts'
import { proven } from './proven.ts'
import { reading } from './reading.ts'
import { print, printJson, type Shell, typed } from './shell.ts'
import { type SignedHere, signedHere, votes } from './signed-here.ts'
import { readStand } from './stand.ts'
import { exits, type Trouble } from './trouble.ts'

/** What is to be proven: a balance, or an entry. */
type Wanted = { readonly account: Account } | { readonly seq: number }

/** A certificate, and the roster that it holds against. */
interface Made {
  readonly certificate: Certificate
  readonly electorate: Electorate
}

/** Makes a file that proves a balance or an entry to whoever has the roster. */
export async function certificate(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const wanted = wantedOf(given, shell)
  if ('exit' in wanted) return wanted
  const [directory, out] = [given.word(0), given.value('out')]
  const unfit = out === undefined ? noBytes(given, shell) : await alreadyThere(out)
  if (unfit) return unfit
  return await reading(directory, shell, { whole: true }, async (store) => {
    const made = await make(store, wanted, directory, shell)
    if (!made.ok) return made
    return 'exit' in made.value ? accept(made.value) : await handOut(made.value, given, shell)
  })
}

async function handOut(made: Made, given: Given, shell: Shell): Promise<Answer<undefined>> {
  const out = given.value('out')
  const file = encode(certificateSchema, made.certificate)
  // What its reader would refuse is not given away.
  const said = proven(made.electorate, file)
  if (!said.ok) return said
  if (out === undefined) {
    await print(shell, file)
    return accept(undefined)
  }
  const written = await writeNew(out, async (handle) => accept(await handle.writeFile(file)))
  if (!written.ok) return written
  if (given.has('json')) {
    await printJson(shell, { file: out, bytes: file.length, ...said.value.json })
  } else {
    await print(shell, rows([['written', `${out}, ${bytesOf(file.length)}`], ...said.value.rows]))
  }
  return accept(undefined)
}

async function make(
  store: Store,
  wanted: Wanted,
  directory: string,
  shell: Shell,
): Promise<Answer<Made | Trouble>> {
  const signed = await signedHere(store)
  if (!signed.ok) return signed
  const [latest] = signed.value
  if (latest === undefined) return accept(unsigned('nothing was ever signed here'))
  if ('seq' in wanted) return await ofEntry(store, wanted.seq, signed.value, directory, shell)
  // The state at the latest is most often the one that is wanted, and on the way to the roster.
  const ledger = await folded(store, latest.opened.size, shell)
  if (!ledger.ok) return ledger
  const stand = await readStand(store, shell, new Chain(ledger.value.chain.stand))
  if (!stand.ok) return stand
  const electorate = stand.value.governance
  const chosen = signed.value.find((one) => isQuorum(electorate, one.signers))
  if (chosen === undefined) return accept(unsigned(lackOf(latest, electorate)))
  const then = chosen === latest ? ledger : await folded(store, chosen.opened.size, shell)
  if (!then.ok) return then
  const { account } = wanted
  const value = ofAccount(then.value, account, chosen)
  if (!value.ok) return value
  if (value.value !== undefined) return accept({ certificate: value.value, electorate })
  const why = `of ${counted(chosen.opened.size, 'entry', 'entries')}, none ever moved credit there`
  const next = [typed(shell, 'show', directory)]
  return accept({ exit: exits.missing, what: `There is no account ${account}.`, why, next })
}

function ofAccount(
  { state }: Ledger,
  account: Account,
  { checkpoint, cosignatures, opened }: SignedHere,
): Answer<Certificate | undefined> {
  if (stateRoot(state) !== opened.state) {
    const detail = 'it was signed over another state'
    return refuse('chain.checkpoint', { at: `checkpoint ${opened.size}`, detail })
  }
  return accept(certifyBalance(state, account, { checkpoint, cosignatures }))
}

async function ofEntry(
  store: Store,
  seq: number,
  signed: readonly SignedHere[],
  _directory: string,
  shell: Shell,
): Promise<Answer<Made | Trouble>> {
  const entry = await store.entry(seq)
  if (!entry.ok) return entry
  const stand = await readStand(store, shell)
  if (!stand.ok) return stand
  const electorate = stand.value.governance
  const [latest] = signed
  const chosen = signed.find((one) => isQuorum(electorate, one.signers))
  if (latest === undefined || chosen === undefined) {
    return accept(unsigned(latest ? lackOf(latest, electorate) : 'nothing was ever signed here'))
  }
  const { checkpoint, cosignatures, opened } = chosen
  if (seq >= opened.size) {
    const why = `the last that a quorum signed is of ${counted(opened.size, 'entry', 'entries')}`
    return accept({ ...unsigned(why), what: `No checkpoint covers entry ${count(seq)} yet.` })
  }
  const path = await store.inclusion(seq, opened.size)
  if (!path.ok) return path
  const cosigned = { checkpoint, cosignatures }
  return accept({ certificate: certifyEntry(seq, entry.value, path.value, cosigned), electorate })
}

async function folded(store: Store, size: number, shell: Shell): Promise<Answer<Ledger>> {
  using progress = new Progress(shell, 'reading')
  const onProgress = (done: number, of: number) => progress.reached(done, of)
  return await recover(store, { size, signal: shell.signal, onProgress })
}

/** What is missing below a checkpoint. */
function lackOf(latest: SignedHere, electorate: Electorate): string {
  const { signed, missing } = votes(electorate, latest)
  const of = counted(latest.opened.size, 'entry', 'entries')
  const who = `${signed.length} of the ${electorate.quorum} that must`
  return `the last, of ${of}, is signed by ${who}; not yet by ${missing.join(', ')}`
}

function unsigned(why: string): Trouble {
  return {
    exit: exits.error,
    what: 'No checkpoint here is signed by a quorum of the roster.',
    why,
    next: ['let the coordinator run until its witnesses have signed, then type the same again'],
  }
}

/** What is wrong with bytes on stdout, if something is. */
function noBytes(given: Given, { stdout }: Shell): Trouble | undefined {
  if (stdout.isTTY !== true && !given.has('json')) return undefined
  const why = given.has('json') ? 'JSON says what is in it' : 'a terminal cannot show it'
  const next = ['add --out FILE']
  return { exit: exits.usage, what: 'A certificate is bytes, for a file.', why, next }
}

function wantedOf(given: Given, shell: Shell): Wanted | Trouble {
  const [account, entry] = [given.value('account'), given.value('entry')]
  const next = [typed(shell, 'certificate', '--help')]
  if ((account === undefined) === (entry === undefined)) {
    const what = 'Either an account is certified, or an entry.'
    const why = `${account === undefined ? 'neither' : 'both'} --account and --entry`
    return { exit: exits.usage, what, why, next }
  }
  if (entry !== undefined) {
    const seq = numberOf(entry)
    return seq === undefined ? noNumber(entry, 'entry', next) : { seq }
  }
  const named = account?.startsWith('12D3KooW') ? `owner/${account}` : account
  const read = fromJson(accountSchema, named)
  if (read.ok) return { account: read.value }
  const why = read.refusal.detail ?? 'an account is expected'
  return { exit: exits.usage, what: `"${account}" is no account.`, why, next }
}
