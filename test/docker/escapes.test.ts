import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  containerOptions,
  faultsOf,
  type Wanted,
} from '../../node/executors/docker/container-options.ts'
import { missing } from '../config.ts'
import { Rig, scriptOf, usualResources } from './cast.ts'
import { busyboxIn, hasEngine } from './engine.ts'

describe.skipIf(missing('docker', hasEngine))('a way out of a container', () => {
  let rig: Rig

  beforeAll(async () => {
    rig = await Rig.open()
  })
  afterAll(() => rig[Symbol.asyncDispose](), 60_000)

  test.each([
    ['the network: an address', 'nc -w 1 10.0.0.1 80 </dev/null'],
    ['the network: a name', 'nslookup example.org 1.1.1.1'],
    ['the network: an interface', 'ip link | grep -v "lo:\\|link/loop"'],
    ['the network: a raw socket', 'ping -c 1 -W 1 127.0.0.1'],
    ['the network: another name for the machine', 'hostname elsewhere'],
    ['the network: its settings', 'echo 1 > /proc/sys/net/ipv4/ip_forward'],
    ['the root: a file beside', 'echo a > /a'],
    ['the root: a program that is changed', 'echo a > /bin/sh'],
    ['the root: what is read only made otherwise', 'mount -o remount,rw /'],
    ['the inputs: changed', 'echo a > /in/given'],
    ['the inputs: taken away', 'rm -f /in/given'],
    ['the inputs: a file beside', 'echo a > /in/other'],
    ['files of others', 'cat /etc/secret'],
    ['a mount: a file system of its own', 'mount -t tmpfs none /tmp'],
    ['a mount: what is mounted over', 'umount /proc'],
    ['a namespace: of users', 'unshare -r true'],
    ['a namespace: of mounts', 'unshare -m true'],
    ['a namespace: that of the first process of the machine', 'nsenter -t 1 -n -m ip addr'],
    ['the kernel: its memory', 'head -c 1 /proc/kcore'],
    ['the kernel: its memory, as a device', 'mknod /tmp/mem c 1 1'],
    ['the kernel: its messages', 'dmesg'],
    ['the kernel: its timers', 'head -c 1 /proc/timer_list | grep .'],
    ['the kernel: a switch', 'echo b > /proc/sysrq-trigger'],
    ['the kernel: where cores go', 'echo /tmp/x > /proc/sys/kernel/core_pattern'],
    ['the kernel: its firmware', 'ls /sys/firmware/* | grep .'],
    ['the clock', 'date -s 2001-01-01 > /dev/null; [ $(date +%Y) = 2001 ]'],
    ['another user: root', 'su -c true root'],
    [
      'another user: a file that is root for whoever runs it',
      'cp /bin/sh /out/sh; chmod 4755 /out/sh; chown 0 /out/sh',
    ],
    ['a root of its own', 'chroot /out /bin/sh'],
    ['devices: a disk', 'ls /dev | grep "^[vsh]d\\|^nvme\\|^loop\\|^mem\\|^kmsg"'],
    ['bounds: of processes', 'ulimit -n 100000'],
    [
      'bounds: of a group',
      'echo 1 > /sys/fs/cgroup/pids/pids.max || echo 1 > /sys/fs/cgroup/pids.max',
    ],
    ['priority', 'nice -n -5 true 2>&1 | grep -q denied || renice -n -5 $$'],
    ['a program in tmp', 'cp /bin/sh /tmp/sh; /tmp/sh -c true'],
    ['the engine', 'ls /var/run/docker.sock /run/docker.sock /.dockerenv/..data'],
  ])('is closed: %s', async (_, script) => {
    const given = { path: '/in/given', kind: 'file', from: { type: 'text', text: 'a' } } as const
    const { executed, log } = await rig.run([`(${script}) 2>&1 && echo ESCAPED; exit 0`], {
      inputs: [given],
    })
    expect(executed).toMatchObject({ type: 'ran', ended: { code: 0 } })
    expect(log).not.toContain('ESCAPED')
  })

  test('is not a port of this machine, though it listens on all addresses', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const { port } = server.address() as { port: number }
    const { log } = await rig.run([`nc -w 1 127.0.0.1 ${port} </dev/null && echo ESCAPED`])
    server.close()
    expect(log).not.toContain('ESCAPED')
  })

  test('is not a bomb of processes: others do not notice', async () => {
    const bomb = 'f() { f | f & }; f; i=0; while [ $i -lt 300 ]; do sleep 30 & i=$((i+1)); done'
    const resources = { ...usualResources, unitMs: 4000 }
    const bombing = rig.run([bomb], { resources })
    const { log } = await rig.run(['echo well'])
    expect(log).toBe('well\n')
    const { executed } = await bombing
    expect(executed.type === 'failed' ? 'failed' : executed.ended).not.toEqual({
      ...{ type: 'exit', executor: 0, code: 0 },
    })
    expect(await rig.engine.left()).toEqual([])
  })

  test('is no program in the background: it ends with the first', async () => {
    await rig.run(['(while :; do echo a >> /out/a; done) & exit 0'])
    expect(await rig.engine.left()).toEqual([])
  })

  test('is no volume and no health check that an image wants', async () => {
    const image = await busyboxIn(
      rig.engine.docker,
      'VOLUME /data',
      'HEALTHCHECK --interval=1s CMD ["/bin/sh", "-c", "echo checked > /data/checked"]',
      'USER 0',
      'EXPOSE 80',
      'ENTRYPOINT ["/bin/sh", "-c"]',
      'LABEL nexapod.node=bob',
    )
    const script = 'head -c 30000000 /dev/zero > /data/a; sleep 2; ls /data; id -u'
    const { executed, log } = await rig.run([{ image, command: [script] }])
    expect(rig.faults).toEqual([])
    expect(executed).toMatchObject({ type: 'ran', ended: { code: 0 } })
    expect(log).toMatch(/(No space left|File size limit|I\/O error).*\na\n65534\n$/s)
  })

  describe('that an engine leaves open', () => {
    const wanted: Omit<Wanted, 'image'> = {
      ...{ entrypoint: [], command: scriptOf('true'), variables: { A: '1' }, workdir: '/scratch' },
      ...{ readsInput: false, cores: 1, cpuPercent: 100, ramBytes: 64_000_000, diskBytes: 1000 },
      ...{ unitMs: 1000, volumes: [], sharesTmp: false, covered: [], gpus: [], runtime: 'runc' },
      labels: { 'nexapod.node': 'ann' },
    }

    async function faultsWith(change: (options: Made) => void): Promise<readonly string[]> {
      const options = containerOptions({ ...wanted, image: rig.image })
      const other = structuredClone(options) as Made
      change(other)
      const container = await rig.engine.docker.createContainer(other)
      const faults = faultsOf(options, await container.inspect())
      await container.remove({ force: true, v: true })
      return faults
    }

    type Made = ReturnType<typeof containerOptions> & { HostConfig: object }

    test('is none where a container is as it was wanted', async () => {
      expect(await faultsWith(() => {})).toEqual([])
    })

    test.each<[string, object]>([
      ['HostConfig.NetworkMode', { NetworkMode: 'host' }],
      ['HostConfig.ReadonlyRootfs', { ReadonlyRootfs: false }],
      ['HostConfig.CapDrop', { CapDrop: ['NET_RAW'] }],
      ['HostConfig.CapAdd', { CapAdd: ['SYS_ADMIN'] }],
      ['HostConfig.Privileged', { Privileged: true }],
      ['HostConfig.SecurityOpt', { SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] }],
      ['HostConfig.SecurityOpt', { SecurityOpt: [] }],
      ['HostConfig.PidMode', { PidMode: 'host' }],
      ['HostConfig.IpcMode', { IpcMode: 'host' }],
      ['HostConfig.PidsLimit', { PidsLimit: 0 }],
      ['HostConfig.Memory', { Memory: 128_000_000, MemorySwap: 128_000_000 }],
      ['HostConfig.MemorySwap', { MemorySwap: -1 }],
      ['HostConfig.CpuQuota', { CpuQuota: 200_000 }],
      ['HostConfig.Ulimits', { Ulimits: [] }],
      ['HostConfig.Devices', { Devices: [device('/dev/null')] }],
      ['HostConfig.Binds', { Binds: ['/:/host'] }],
      ['Mounts', { Binds: ['/:/host'] }],
      ['HostConfig.Tmpfs', { Tmpfs: { '/tmp': 'rw,exec' } }],
      ['HostConfig.LogConfig', { LogConfig: { Type: 'json-file', Config: {} } }],
      ['HostConfig.RestartPolicy', { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } }],
      ['HostConfig.GroupAdd', { GroupAdd: ['0'] }],
      ['HostConfig.OomScoreAdj', { OomScoreAdj: -500 }],
      ['HostConfig.MaskedPaths', { MaskedPaths: [] }],
      ['HostConfig.ReadonlyPaths', { ReadonlyPaths: [] }],
    ])('is seen: %s', async (fault, host) => {
      expect(await faultsWith((made) => Object.assign(made.HostConfig, host))).toContain(fault)
    })

    test.each<[string, object]>([
      ['Config.User', { User: '0' }],
      ['Config.Cmd', { Cmd: ['/bin/other'] }],
      ['Config.Tty', { Tty: true }],
      ['Config.Env', { Env: [] }],
      ['Config.Healthcheck', { Healthcheck: { Test: ['CMD', 'true'] } }],
      ['Config.Labels', { Labels: {} }],
      ['Mounts', { Volumes: { '/data': {} } }],
    ])('is seen: %s', async (fault, change) => {
      expect(await faultsWith((made) => Object.assign(made, change))).toContain(fault)
    })
  })
})

function device(path: string) {
  return { PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' }
}
