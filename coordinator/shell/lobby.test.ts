import type { Hearer } from '@nexapod/mesh'
import { accept, type ChainId, type FromNode, refuse } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { ScriptedStream, ShellRig } from '../test/shell-rig.ts'
import { received } from './lobby.ts'

const adopted = 'a'.repeat(64) as ChainId

function helloOf(chain?: ChainId): FromNode {
  const hello = new ShellRig().helloOf('ann')
  if (hello.type !== 'hello') throw new Error('the first message is a hello')
  return { ...hello, ...(chain === undefined ? {} : { chain }) }
}

/** A stream that came to a coordinator with a home of its own and one that it adopted. */
function arrival() {
  const stream = new ScriptedStream()
  const heard: (readonly [home: string, messages: readonly FromNode[]])[] = []
  received(stream, (chain) => {
    if (chain !== undefined && chain !== adopted) return refuse('ledger.unknown')
    const home = chain === undefined ? 'own' : 'adopted'
    const hearer: Hearer<FromNode> = {
      heard: (messages) => heard.push([home, messages]),
      drained: () => {},
      ended: () => {},
      closed: () => heard.push([home, []]),
    }
    return accept((channel) => channel.listen(hearer))
  })
  return { stream, heard }
}

describe('the stream of a node', () => {
  test.each([
    ['own', undefined],
    ['adopted', adopted],
  ])('goes with all that it says to the %s home', (home, chain) => {
    const { stream, heard } = arrival()
    const hello = helloOf(chain)
    stream.comes(hello)
    stream.comes({ type: 'bye' })
    stream.close()
    expect(heard).toEqual([
      [home, [hello]],
      [home, [{ type: 'bye' }]],
      [home, []],
    ])
  })

  test('is refused where the chain that it names is not written', () => {
    const { stream, heard } = arrival()
    stream.comes(helloOf('b'.repeat(64) as ChainId))
    expect(stream.refusal?.code).toBe('ledger.unknown')
    expect(heard).toEqual([])
  })
})
