import { type FromCoordinator, limits } from '@nexapod/specs'
import type { ScriptedNode, Target } from './scripted-node.ts'

type Welcome = FromCoordinator & { readonly type: 'welcome' }

/**
 * Comes to a coordinator as often as it is told to come later, until it is welcome: nobody is
 * before a quorum has cosigned the epoch.
 */
export async function welcomed(
  node: ScriptedNode,
  target?: Target,
  wanted: (welcome: Welcome) => boolean = () => true,
): Promise<void> {
  for (;;) {
    await node.hello(target)
    const welcome = node.hears('welcome', wanted).then(() => true)
    const refused = node.over.then(() => false)
    if (await Promise.race([welcome, refused])) return
    welcome.catch(() => 'it was refused, and comes again')
    // As long as it is told to wait.
    await new Promise((resolve) => setTimeout(resolve, limits.pauseMs))
  }
}
