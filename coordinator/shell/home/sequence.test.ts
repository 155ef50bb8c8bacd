import { accept, refuse } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { ShellRig as Rig } from '../../test/shell-rig.ts'

describe('a sequence', () => {
  test('says nothing before what it wrote is on the disk', async () => {
    const rig = new Rig()
    await rig.syncAll()
    rig.hello('ann', 1)
    const { done } = await rig.write()
    await rig.settle()
    expect(rig.said()).toEqual([])
    done(accept(undefined))
    await rig.settle()
    expect(rig.said().map(({ type }) => type)).toEqual(['welcome', 'idle'])
  })

  test('steps on while the disk syncs, and speaks in the order of the steps', async () => {
    const rig = new Rig()
    await rig.syncAll()
    rig.hello('ann', 1)
    const first = await rig.write()
    rig.hello('bob', 2)
    const second = await rig.write()
    second.done(accept(undefined))
    await rig.settle()
    expect(rig.said()).toEqual([])
    first.done(accept(undefined))
    await rig.settle()
    const streams = rig.acts.flatMap((act) => (act.type === 'send' ? [act.stream] : []))
    expect(streams).toEqual([1, 2])
  })

  test('ends with the first sync that fails, and has said nothing', async () => {
    const rig = new Rig()
    await rig.syncAll()
    rig.hello('ann', 1)
    const failing = await rig.write()
    rig.hello('bob', 2)
    failing.done(refuse('ledger.stopped'))
    expect(await rig.sequence.ended).toMatchObject({ code: 'ledger.stopped' })
    for (const { done } of rig.writing.splice(0)) done(accept(undefined))
    await rig.settle()
    expect(rig.said()).toEqual([])
    expect(await rig.sequence.synced()).toMatchObject({ ok: false })
  })

  test('takes no step while it is held, and none of what happened is lost', async () => {
    const rig = new Rig()
    await rig.syncAll()
    const release = Promise.withResolvers<void>()
    const size = rig.sequence.state.ledger.chain.tip?.size
    const held = rig.sequence.hold(async () => {
      rig.hello('ann', 1)
      await rig.settle()
      await release.promise
      return rig.sequence.state.ledger.chain.tip?.size
    })
    await rig.settle()
    release.resolve()
    expect(await held).toBe(size)
    await rig.settle()
    await rig.syncAll()
    expect(rig.said()[0]?.type).toBe('welcome')
  })
})
