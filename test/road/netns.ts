import { execFileSync } from 'node:child_process'

/** How a home router keeps strangers out, and what it does with ports. */
export type Nat = 'keeps ports' | 'draws ports'

/** A small internet: a public place in the middle, and homes behind routers around it. */
export interface Internet extends Disposable {
  /** The command that runs the rest of its line in the public place. */
  readonly middle: readonly string[]
  /** The same, in each home. */
  readonly homes: readonly (readonly string[])[]
  /** The address of the public place. */
  readonly address: string
}

/** Whether this machine lets us make network namespaces, and translate addresses in them. */
export const canMakeNets = ((): boolean => {
  const name = `nxp-${process.pid}`
  try {
    sh(`ip netns add ${name}`)
    try {
      sh(`ip netns exec ${name} iptables -t nat -A POSTROUTING -j MASQUERADE`)
      return true
    } finally {
      sh(`ip netns del ${name}`)
    }
  } catch {
    return false
  }
})()

/** Lays it out: in each home one host, whose router lets nothing in that was not asked for. */
export function internet(nats: readonly Nat[]): Internet {
  const tag = `nxp${process.pid}-${Math.random().toString(36).slice(2, 6)}`
  const middle = `${tag}-m`
  const spaces = [middle]
  const address = '52.9.9.9'
  sh(`ip netns add ${middle}`)
  inside(middle, 'ip link set lo up', `ip addr add ${address}/32 dev lo`)
  inside(middle, 'sysctl -qw net.ipv4.ip_forward=1')
  nats.forEach((nat, i) => {
    const [router, home] = [`${tag}-r${i}`, `${tag}-h${i}`]
    spaces.push(router, home)
    const random = nat === 'draws ports' ? ' --random-fully' : ''
    sh(`ip netns add ${router}`)
    sh(`ip netns add ${home}`)
    sh(`ip link add out netns ${router} type veth peer name home${i} netns ${middle}`)
    sh(`ip link add in netns ${router} type veth peer name eth0 netns ${home}`)
    inside(middle, `ip addr add 52.0.${i}.1/24 dev home${i}`, `ip link set home${i} up`)
    inside(
      router,
      'ip link set lo up',
      `ip addr add 52.0.${i}.2/24 dev out`,
      'ip link set out up',
      'ip addr add 192.168.1.1/24 dev in',
      'ip link set in up',
      `ip route add default via 52.0.${i}.1`,
      'sysctl -qw net.ipv4.ip_forward=1',
      `iptables -t nat -A POSTROUTING -o out -j MASQUERADE${random}`,
      'iptables -A INPUT -i out -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'iptables -A INPUT -i out -j DROP',
      'iptables -A FORWARD -i out -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'iptables -A FORWARD -i out -j DROP',
    )
    inside(
      home,
      'ip link set lo up',
      'ip addr add 192.168.1.2/24 dev eth0',
      'ip link set eth0 up',
      'ip route add default via 192.168.1.1',
    )
  })
  const command = (space: string) => ['ip', 'netns', 'exec', space]
  return {
    address,
    middle: command(middle),
    homes: nats.map((_, i) => command(`${tag}-h${i}`)),
    [Symbol.dispose]() {
      for (const space of spaces) sh(`ip netns del ${space}`)
    },
  }
}

/** Two hosts on one cable, at 192.168.7.1 and .2. */
export function cable(): Disposable & { readonly hosts: readonly (readonly string[])[] } {
  const tag = `nxp${process.pid}-${Math.random().toString(36).slice(2, 6)}`
  const spaces = [`${tag}-1`, `${tag}-2`]
  for (const space of spaces) sh(`ip netns add ${space}`)
  sh(`ip link add eth0 netns ${spaces[0]} type veth peer name eth0 netns ${spaces[1]}`)
  for (const [i, space] of spaces.entries()) {
    inside(
      space,
      'ip link set lo up',
      `ip addr add 192.168.7.${i + 1}/24 dev eth0`,
      'ip link set eth0 up',
      'ip route add default dev eth0',
    )
  }
  return {
    hosts: spaces.map((space) => ['ip', 'netns', 'exec', space]),
    [Symbol.dispose]() {
      for (const space of spaces) sh(`ip netns del ${space}`)
    },
  }
}

/** A host among others: it can be kept from hearing some of them. */
export interface Host {
  readonly address: string
  /** The command that runs the rest of its line there. */
  readonly command: readonly string[]
  /** From now on nothing comes from there and nothing goes there, until that is taken back. */
  part(from: readonly string[]): Disposable
}

/** So many hosts around a public place, each with an address and a network of its own. */
export function hosts(count: number): Disposable & { readonly hosts: readonly Host[] } {
  const tag = `nxp${process.pid}-${Math.random().toString(36).slice(2, 6)}`
  const middle = `${tag}-m`
  const spaces = [middle]
  sh(`ip netns add ${middle}`)
  inside(middle, 'sysctl -qw net.ipv4.ip_forward=1')
  const hosts = Array.from({ length: count }, (_, i): Host => {
    const space = `${tag}-${i}`
    const address = `52.0.${i}.2`
    spaces.push(space)
    sh(`ip netns add ${space}`)
    sh(`ip link add eth0 netns ${space} type veth peer name port${i} netns ${middle}`)
    inside(middle, `ip addr add 52.0.${i}.1/24 dev port${i}`, `ip link set port${i} up`)
    inside(
      space,
      'ip link set lo up',
      `ip addr add ${address}/24 dev eth0`,
      'ip link set eth0 up',
      `ip route add default via 52.0.${i}.1`,
    )
    const rules = (from: readonly string[], act: '-I' | '-D') => {
      for (const one of from) {
        inside(space, `iptables -w ${act} INPUT -s ${one} -j DROP`)
        inside(space, `iptables -w ${act} OUTPUT -d ${one} -j DROP`)
      }
    }
    return {
      address,
      command: ['ip', 'netns', 'exec', space],
      part(from) {
        rules(from, '-I')
        return { [Symbol.dispose]: () => rules(from, '-D') }
      },
    }
  })
  return {
    hosts,
    [Symbol.dispose]() {
      for (const space of spaces) sh(`ip netns del ${space}`)
    },
  }
}

function inside(space: string, ...commands: readonly string[]): void {
  for (const command of commands) sh(`ip netns exec ${space} ${command}`)
}

function sh(line: string): void {
  const [command, ...args] = line.split(' ')
  execFileSync(command as string, args, { stdio: 'pipe' })
}
