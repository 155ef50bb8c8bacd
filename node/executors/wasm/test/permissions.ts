import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

/**
 * What hostile JavaScript would try in a child of the pool, in its main thread and in the thread
 * that runs modules. Started with the flags of the pool, it says what each attempt came to.
 */
const attempts: Readonly<Record<string, () => unknown>> = {
  'read a file': () => readFileSync('/etc/passwd'),
  'read a directory': () => readdirSync('/'),
  'read its own environment': () => readFileSync('/proc/self/environ'),
  'write a file': () => writeFileSync('/dev/null', ''),
  'write where it may read': () => closeSync(openSync(fileURLToPath(import.meta.url), 'r+')),
  'start a process': () => execFileSync('/bin/true'),
  'load native code': () => process.dlopen({ exports: {} }, '/lib/nothing.node'),
  'make code of text': () => Reflect.construct(Function, ['return 1']),
  'evaluate text': () => Reflect.apply(Reflect.get(globalThis, 'eval'), undefined, ['1']),
  'reach the bindings': () => Reflect.apply(Reflect.get(process, 'binding'), process, ['fs']),
  'find a variable of the environment': () => {
    const variables = Object.keys(Reflect.get(process, 'env'))
    if (variables.length === 0) throw new RangeError('there is none')
  },
  'change a prototype': () => Reflect.get({}, '__proto__'),
}

function tried(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attempts).map(([name, attempt]) => {
      try {
        attempt()
        return [name, 'done']
      } catch (cause) {
        const { code, name: kind } = cause as NodeJS.ErrnoException
        return [name, code ?? kind]
      }
    }),
  )
}

if (!isMainThread) parentPort?.postMessage(tried())
else {
  const main = tried()
  const thread = new Worker(fileURLToPath(import.meta.url), { env: {} })
  thread.on('message', (said) => {
    process.send?.({ main, thread: said, argv: process.argv.slice(2) })
    process.disconnect()
  })
}
