import { afterAll, describe, expect, test } from 'vitest'
import { coordinatorIn, Folders, jobOf, valued } from '../../../test/scripted-mesh.ts'
import { Register } from './register.ts'

const folders = new Folders()
afterAll(() => folders.remove())

describe('a register that is behind', () => {
  test('answers when it has all that was on the disk, or says that it has not', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    const { view, chain } = coordinator
    const begin = Promise.withResolvers<void>()
    await using register = await Register.open(folders.next(), chain, {
      status: () => view.status(),
      entry: (seq) => view.entry(seq),
      said: (of) => view.said(of),
      sayers: (tell) => view.sayers(tell),
      async *entries(from, signal) {
        await begin.promise
        yield* view.entries(from, signal)
      },
    })
    const { id, signed } = jobOf(chain, 1)
    await coordinator.ask({ type: 'publish', job: signed }, AbortSignal.timeout(10_000))
    const late = await register.caughtUp(AbortSignal.abort())
    expect(late).toMatchObject({
      refusal: { code: 'wire.full', detail: expect.stringMatching(/^0 of \d+ entries/) },
    })
    const caughtUp = register.caughtUp(AbortSignal.timeout(10_000))
    begin.resolve()
    expect(valued(await caughtUp).job(id)).toMatchObject({ id, state: 'open' })
  })
})
