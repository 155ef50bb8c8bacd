import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ed25519, toHex } from '@nexapod/specs'
import { places } from '../config.ts'
import { print } from '../desk.ts'
import { exits, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { publisherSeed, seedOf } from './joined.ts'

/** Who you are. */
export const show: Verb = async ({ form }, desk) => {
  const seed = await publisherSeed()
  if (!seed.ok) return troubleOf('Your key cannot be read.', seed.refusal)
  const { id } = ed25519.signer(seed.value)
  await print(desk, form, { publisher: id, file: places.key }, [id])
  return undefined
}

/** The secret. */
export const exportKey: Verb = async ({ form }, desk) => {
  const seed = await publisherSeed()
  if (!seed.ok) return troubleOf('Your key cannot be read.', seed.refusal)
  desk.stderr.write('whoever has this line can publish, and spend, as you\n')
  await print(desk, form, { secret: toHex(seed.value) }, [toHex(seed.value)])
  return undefined
}

/** Takes a secret from a file; one that is there already stays. */
export const importKey: Verb = async ({ words: [file = ''], form }, desk) => {
  const seed = await seedOf(file)
  if ('trouble' in seed) return seed.trouble
  await mkdir(dirname(places.key), { recursive: true, mode: 0o700 })
  const draft = `${places.key}.${process.pid}`
  await writeFile(draft, `${toHex(seed.value)}\n`, { mode: 0o600, flag: 'wx' })
  const isNew = await link(draft, places.key).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') return false
      throw cause
    },
  )
  await rm(draft)
  if (!isNew) {
    const why = `${places.key} is there, and would be lost`
    const next = `nexapod key export, keep what it says, and remove ${places.key}`
    return { exit: exits.denied, what: 'You have a key already.', why, next }
  }
  const { id } = ed25519.signer(seed.value)
  await print(desk, form, { publisher: id, file: places.key }, [id])
  return undefined
}
