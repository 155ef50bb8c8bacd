import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { Places } from '../test/stores.ts'

const places = new Places()
afterAll(() => places.remove())

test('whose parent is gone ends at once: the directory is for whoever opens it next', async () => {
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [], {
    execArgv: [],
    serialization: 'advanced',
  })
  const directory = places.next()
  child.send({ task: 'probe', directory, scratch: `${directory}-scratch` })
  const ended = once(child, 'exit')
  child.disconnect()
  expect(await ended).toEqual([null, 'SIGKILL'])
})
