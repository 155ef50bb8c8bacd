// @ts-check
/** @import { LimitsStatus } from '../limits-file.ts' */
/** @import { NodeStatus, UnitStatus } from '../status.ts' */
/** @import { Said } from './page.ts' */

// What the page does in a browser. The key is in the part of the address that no browser sends; it
// is taken out of there at once, and kept in this script alone.

let key = ''
/** @type {NodeStatus | undefined} */
let shown
const everyMs = 1000

/** @param {string} id */
function part(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

function takeKey() {
  const said = location.hash.slice(1)
  if (said === '') return
  key = said
  history.replaceState(null, '', location.pathname)
}

/**
 * What the node says; what it refuses is thrown in its words.
 * @param {object} question
 * @returns {Promise<unknown>}
 */
async function ask(question) {
  const response = await fetch('/ask', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-nexapod-key': key },
    body: JSON.stringify(question),
  })
  /** @type {Said} */
  const said = await response.json()
  if ('answer' in said) return said.answer
  throw new Refused(said.says)
}

class Refused extends Error {}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} [style]
 */
function element(name, text, style) {
  const made = document.createElement(name)
  // Names of jobs come from strangers: they are text, and never anything else.
  made.textContent = text
  if (style !== undefined) made.className = style
  return made
}

/** @param {number} ms */
function spell(ms) {
  const seconds = Math.round(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

const orders = {
  lend: 'Lends itself',
  pause: 'Paused',
  finish: 'Finishes, then ends',
  stop: 'Ends',
}

/** @param {NodeStatus} status */
function sentence({ order, units }) {
  const running = units.filter(({ stage }) => stage === 'executing').length
  if (order === 'pause' || running === 0) return `${orders[order]}.`
  return `${orders[order]}: ${running} ${running === 1 ? 'unit runs' : 'units run'}.`
}

const whys = {
  project: 'you named its project',
  publisher: 'you named its publisher',
  all: 'you lend to all projects',
}

/** @param {UnitStatus} unit */
function unitRow({ job, unit, name, project, publisher, because, stage, since, ranMs, usualMs }) {
  const row = element('li', '', 'unit')
  const head = element('div', '', 'unit-head')
  const took = ranMs ?? Date.now() - since
  const usual = usualMs === undefined ? '' : ` of about ${spell(usualMs)}`
  head.append(
    element('span', `${name ?? job.slice(0, 12)}, unit ${unit}`, 'unit-name'),
    element('span', `${stage}, ${spell(Math.max(0, took))}${usual}`, 'unit-time'),
  )
  row.append(head)
  const why = because === undefined ? '' : whys[because]
  const whose = publisher === undefined ? '' : `by …${publisher.slice(-8)}; ${why}`
  row.append(element('p', [project, whose].filter(Boolean).join(', '), 'unit-about'))
  if (ranMs !== undefined && usualMs !== undefined) {
    const bar = document.createElement('progress')
    bar.max = 1
    // How long such units take here is a guess: it is never said that one is at its end.
    bar.value = Math.min(0.98, ranMs / Math.max(1, usualMs))
    bar.ariaLabel = 'how far it is, as such units go here'
    row.append(bar)
  }
  return row
}

/** @param {NodeStatus} status */
function show(status) {
  shown = status
  const { node, order, since, lends, units, idle, done, receipts, coordinators } = status
  part('node').textContent = node
  part('state').textContent = sentence(status)
  part('why').replaceChildren(...idle.map(({ says }) => element('li', says)))
  part('orders').hidden = false
  part('pause').hidden = order !== 'lend'
  part('resume').hidden = order === 'lend'
  part('finish').hidden = order === 'finish' || order === 'stop'
  part('units-part').hidden = units.length === 0
  const begun = units.filter(({ stage }) => !['leased', 'fetching', 'ready'].includes(stage))
  part('units').replaceChildren(...begun.map(unitRow))
  const waits = units.length - begun.length
  part('waits').hidden = waits === 0
  part('waits').textContent = `${waits} ${waits === 1 ? 'has' : 'have'} not begun.`
  part('since').textContent = new Date(since).toLocaleString()
  const there = coordinators.filter(({ stage }) => stage === 'open').length
  /** @type {[string, string][]} */
  const facts = [
    [
      'lends now',
      `${lends.cores} ${lends.cores === 1 ? 'core' : 'cores'} at ${lends.cpuPercent} %`,
    ],
    ['the machine is', lends.inUse ? 'in use, or unknown' : 'idle'],
    ['coordinators', `${there} of ${coordinators.length}`],
    ['results', `${done.sealed}`],
    ['decided', `${done.decided}`],
    ['wait for a verdict', `${receipts}`],
  ]
  part('facts-part').hidden = false
  part('facts').replaceChildren(
    ...facts.map(([what, said]) => {
      const fact = document.createElement('div')
      fact.append(element('dt', what), element('dd', said))
      return fact
    }),
  )
}

/** @param {LimitsStatus} limits */
function showLimits({ rows }) {
  part('limits-part').hidden = false
  part('limits').replaceChildren(
    ...rows.map(({ key: name, says, from }) => {
      const row = document.createElement('tr')
      const head = element('th', name)
      head.setAttribute('scope', 'row')
      if (from === 'file') row.className = 'said'
      row.append(head, element('td', says), element('td', from === 'file' ? 'yours' : 'usual'))
      return row
    }),
  )
}

/** @param {unknown} cause */
function showTrouble(cause) {
  // What the network says differs between browsers; that nobody answers is all that it means.
  const says = cause instanceof Refused ? cause.message : 'Nobody answers: it may have ended.'
  part('state').textContent = shown === undefined ? 'This page sees no node.' : 'The node is away.'
  part('why').replaceChildren(element('li', says))
  for (const id of ['orders', 'units-part', 'facts-part', 'limits-part']) part(id).hidden = true
}

/** Asks for all that is shown, one question after the other. */
async function look() {
  try {
    show(/** @type {NodeStatus} */ (await ask({ type: 'status' })))
    showLimits(/** @type {LimitsStatus} */ (await ask({ type: 'limits' })))
  } catch (cause) {
    showTrouble(cause)
  }
}

/** @param {'pause' | 'resume' | 'finish'} order */
async function tell(order) {
  try {
    show(/** @type {NodeStatus} */ (await ask({ type: 'order', order })))
  } catch (cause) {
    showTrouble(cause)
  }
}

async function lookOn() {
  if (!document.hidden) await look()
  setTimeout(lookOn, everyMs)
}

const sure = /** @type {HTMLDialogElement} */ (part('sure'))
part('pause').addEventListener('click', () => tell('pause'))
part('resume').addEventListener('click', () => tell('resume'))
part('finish').addEventListener('click', () => sure.showModal())
part('sure-no').addEventListener('click', () => sure.close())
part('sure-yes').addEventListener('click', () => {
  sure.close()
  void tell('finish')
})
addEventListener('hashchange', () => {
  takeKey()
  void look()
})
takeKey()
void lookOn()
