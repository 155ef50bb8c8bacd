import { limits, type PeerId, refuse } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { nodeNamed } from '../../test/cast.ts'
import { jobOf } from '../../test/scripted-mesh.ts'
import { ScriptedStream, ShellRig } from '../../test/shell-rig.ts'
import { machineTime } from '../time.ts'
import { Answers } from './answers.ts'
import { Desk } from './desk.ts'

const callerNamed = (name: string) => {
  return { peer: nodeNamed(name) as string as PeerId, network: name }
}
const alive = { type: 'alive' } as const

describe('a desk', () => {
  test('refuses questions and streams when all is full, and loses nothing', async () => {
    const rig = new ShellRig()
    await rig.syncAll()
    rig.room = 0
    const { sequence } = rig
    const desk = new Desk(sequence, machineTime)
    rig.onDrained = () => desk.resume()
    const beacon = () => {
      throw new Error('nobody asks who it is')
    }
    const why = () => Promise.resolve(refuse('job.unknown'))
    const rest = {
      firm: (_: number, say: (isFirm: boolean) => void) => say(true),
      isFrozen: () => false,
      ...{ isAsked: () => true, asked: () => Promise.resolve() },
      ...{ beacon, why, shown: () => Promise.resolve() },
    }
    const answers = new Answers({ inbox: sequence, ...rest })
    const ann = new ScriptedStream()
    desk.opened(ann, callerNamed('ann'))
    ann.comes(rig.helloOf('ann'))
    for (let i = 0; i < limits.pendingMessagesMax; i++) if (!ann.isPaused) ann.comes(alive)
    expect(ann.isPaused).toBe(true)
    const { signed } = jobOf(sequence.state.chain, 1)
    const question = { type: 'publish', job: signed } as const
    const refused = await answers.answer(question, new AbortController().signal)
    expect(refused).toMatchObject({ type: 'refuse', refusal: { code: 'wire.full' } })
    expect(answers.waiting).toBe(0)
    const bob = new ScriptedStream()
    desk.opened(bob, callerNamed('bob'))
    expect(bob.refusal?.code).toBe('wire.full')
    rig.room = 4096
    sequence.happen({ type: 'tick' })
    await rig.syncAll()
    await rig.settle()
    await rig.syncAll()
    expect(ann.isPaused).toBe(false)
    expect(rig.said().map(({ type }) => type)).toEqual(['welcome', 'idle'])
    desk.close({ code: 'wire.closing' })
  })

  test('sends away who does not read what it is told, and the core hears of it', async () => {
    const rig = new ShellRig()
    await rig.syncAll()
    const desk = new Desk(rig.sequence, machineTime)
    const ann = new ScriptedStream()
    desk.opened(ann, callerNamed('ann'))
    await rig.settle()
    expect(rig.sequence.state.streams.size).toBe(1)
    ann.answer = refuse('wire.full')
    desk.say(1, [alive])
    await rig.settle()
    expect(ann.refusal?.code).toBe('wire.full')
    expect(rig.sequence.state.streams.size).toBe(0)
    desk.close({ code: 'wire.closing' })
  })
})
