import { ScriptedNode, type Target } from '../../coordinator/test/scripted-node.ts'

/** A node of the benchmark, a process of its own: it answers each lease at once, signed. */
const [name = '', json = '', units = '64'] = process.argv.slice(2)
const target: Target = JSON.parse(json)
const node = await ScriptedNode.open(name, target, { units: Number(units), says: () => 'right' })
await node.hello()
process.stdout.write('here\n')
process.once('disconnect', () => process.kill(process.pid))
await node.over
