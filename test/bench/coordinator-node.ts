import { ScriptedNode, type Target } from '../../coordinator/test/scripted-node.ts'

/** A node of the benchmark, a process of its own: it answers each lease at once, signed. */
const [name = '', target = '', units = ''] = process.argv.slice(2)
const node = await ScriptedNode.open(name, JSON.parse(target) as Target, {
  units: Number(units),
  says: () => 'right',
})
await node.hello()
await node.hears('welcome')
process.send?.('here')
// Whoever began it is gone: then nobody ends it but itself.
process.once('disconnect', () => process.kill(process.pid))
await node.over
