import { setImmediate as nextTick } from 'node:timers/promises'
import type { Hearer } from '@nexapod/mesh'
import {
  accept,
  type ChainId,
  type FromNode,
  type NodeId,
  type PeerId,
  refuse,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import type { Elsewhere } from '../core/event.ts'
import { nodeNamed } from '../test/cast.ts'
import { ScriptedStream, ShellRig } from '../test/shell-rig.ts'
import { type Host, received } from './lobby.ts'

const ann = nodeNamed('ann')
const wasm = { vouched: 7, passes: 7, strikes: 0 }
/** What another chain says of her. */
const known: Elsewhere = { wasm, docker: { vouched: 0, passes: 0, strikes: 0 } }
const adopted = 'a'.repeat(64) as ChainId

function helloOf(chain?: ChainId): FromNode {
  const hello = new ShellRig().helloOf('ann')
  if (hello.type !== 'hello') throw new Error('the first message is a hello')
  return { ...hello, ...(chain === undefined ? {} : { chain }) }
}

/** A stream that came to a coordinator with a home of its own and one that it adopted. */
function arrival() {
  const stream = new ScriptedStream()
  const told: (readonly Elsewhere[])[] = []
  const heard: (readonly [home: string, messages: readonly FromNode[]])[] = []
  const caller = { peer: ann as string as PeerId, network: 'net' }
  received(stream, caller, (chain) => {
    if (chain !== undefined && chain !== adopted) return refuse('ledger.unknown')
    const home = chain === undefined ? 'own' : 'adopted'
    const hearer: Hearer<FromNode> = {
      heard: (messages) => heard.push([home, messages]),
      drained: () => {},
      ended: () => {},
      closed: () => heard.push([home, []]),
    }
    const said = (node: NodeId) => Promise.resolve(node === ann ? [known] : [])
    const opened: Host['opened'] = (channel, _, elsewhere) => {
      told.push(elsewhere)
      channel.listen(hearer)
    }
    return accept({ abroad: { said }, opened })
  })
  return { stream, heard, told }
}

describe('the stream of a node', () => {
  test.each([
    ['own', undefined],
    ['adopted', adopted],
  ])(
    'goes with all that it says to the %s home, with what others say of it',
    async (home, chain) => {
      const { stream, heard, told } = arrival()
      const hello = helloOf(chain)
      stream.comes(hello)
      expect(stream.isPaused).toBe(true)
      await nextTick()
      expect(stream.isPaused).toBe(false)
      expect(told).toEqual([[known]])
      stream.comes({ type: 'bye' })
      stream.close()
      expect(heard).toEqual([
        [home, [hello]],
        [home, [{ type: 'bye' }]],
        [home, []],
      ])
    },
  )

  test('that is over before that goes nowhere', async () => {
    const { stream, heard, told } = arrival()
    stream.comes(helloOf())
    stream.close()
    await nextTick()
    expect({ heard, told }).toEqual({ heard: [], told: [] })
  })

  test('is refused where the chain that it names is not written', () => {
    const { stream, heard } = arrival()
    stream.comes(helloOf('b'.repeat(64) as ChainId))
    expect(stream.refusal?.code).toBe('ledger.unknown')
    expect(heard).toEqual([])
  })
})
