/**
 * Loaded before a program (`node --import detour.ts?4001=5001`), this has whatever it dials on a
 * port of this machine go to another one: to a line that can be held.
 */
import net from 'node:net'

const { searchParams } = new URL(import.meta.url)
const ways = new Map([...searchParams].map(([from, to]) => [Number(from), Number(to)]))
const { connect } = net

net.connect = ((options: net.TcpNetConnectOpts, ...rest: (() => void)[]) => {
  return connect({ ...options, port: ways.get(options.port) ?? options.port }, ...rest)
}) as typeof net.connect
