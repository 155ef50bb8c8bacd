import { setTimeout as sleep } from 'node:timers/promises'
import { attackerOf } from '../attack/attacker.ts'
import { attacks } from '../attack/attacks.ts'
import type { Scene } from './scene.ts'
import type { Try } from './try.ts'

/** Refusals that whoever breaks the rules does not see: it reads nothing, or is cut first. */
const unseen = new Set(['answers and entries that are never read'])

function placeOf({ address, said }: Scene) {
  return { address, chain: said.chain }
}

/** Everything that test/attack tries on a host of channels, on the port of a coordinator. */
export const triesOfTheRoad: readonly Try[] = attacks.map((attack) => {
  return {
    name: attack.name,
    expects: unseen.has(attack.name) ? [] : attack.codes,
    isLong: unseen.has(attack.name),
    async run(scene: Scene) {
      const attacker = await attackerOf(placeOf(scene), scene.network(), scene.draw)
      await attack.run(attacker)
      await attacker.stop()
      return [...attacker.codes]
    },
  }
})

/** Connections that say nothing, as many as one asks for; meanwhile another peer is let in. */
export const triesOfCrowds: readonly Try[] = [
  {
    name: 'a thousand connections of one network, while another joins',
    expects: ['welcome'],
    async run(scene) {
      const attacker = await attackerOf(placeOf(scene), scene.network(), scene.draw)
      const crowd = attacks.find(({ name }) => name.startsWith('a thousand connections'))
      const attacking = crowd?.run(attacker)
      await sleep(500)
      await using other = await scene.peer()
      await other.join(scene.said.mesh, 0)
      await attacking
      await attacker.stop()
      return other.told.map(({ type }) => type)
    },
  },
]
