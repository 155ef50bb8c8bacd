import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quotaUs } from '../../node/executors/docker/container-options.ts'
import { textAt } from '../../node/executors/wasm/test/cast.ts'
import { limits } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { Rig, usualResources } from './cast.ts'
import { hasEngine } from './engine.ts'

describe.skipIf(missing('docker', hasEngine))('a unit in containers', () => {
  let rig: Rig

  beforeAll(async () => {
    rig = await Rig.open()
  })
  afterAll(async () => {
    expect(rig.faults).toEqual([])
    await rig[Symbol.asyncDispose]()
  })

  test('runs with what it is given, and leaves its outputs and nothing else', async () => {
    const { executed, log } = await rig.run(
      [
        {
          command: [
            '/bin/sh',
            '-c',
            'cat; echo $A; pwd; hostname; date -r /in/a.txt +%s; echo b >&2',
          ],
          env: { A: 'x y' },
          stdin: '/in/a.txt',
          stdout: '/out/said.txt',
          workdir: '/scratch/deep',
        },
        'ls /scratch /tmp; cat /out/said.txt /tmp/b > /out/both; echo 1 > /out/d/1',
      ],
      {
        inputs: [
          { path: '/in/a.txt', kind: 'file', from: { type: 'text', text: 'given\n' } },
          { path: '/tmp/b', kind: 'file', from: { type: 'text', text: 'in tmp\n' } },
        ],
        outputs: [
          { path: '/out/said.txt', kind: 'file' },
          { path: '/out/both', kind: 'file' },
          { path: '/out/d', kind: 'directory' },
          { path: '/out/none', kind: 'file' },
        ],
      },
    )
    expect(executed).toMatchObject({ type: 'ran', ended: { type: 'exit', executor: 1, code: 0 } })
    const said = 'given\nx y\n/scratch/deep\nunit\n0\n'
    expect(textAt(executed, '/out/said.txt')).toBe(said)
    expect(textAt(executed, '/out/both')).toBe(`${said}in tmp\n`)
    expect(textAt(executed, '/out/d/1')).toBe('1\n')
    expect(log).toBe('b\n/scratch:\ndeep\n\n/tmp:\nb\n')
    expect(await rig.engine.left()).toEqual([])
  })

  test('an image runs what it names if the job does not', async () => {
    const { log } = await rig.run([{}])
    expect(log).toBe('nothing said\n')
  })

  test('the next program runs if the one before went well, or may fail', async () => {
    const stops = await rig.run(['exit 3', 'echo never'])
    expect(stops.executed).toMatchObject({ ended: { type: 'exit', executor: 0, code: 3 } })
    expect(stops.log).toBe('')
    const goesOn = await rig.run([
      { command: ['/bin/sh', '-c', 'exit 3'], ignoreError: true },
      'echo then',
    ])
    expect(goesOn.executed).toMatchObject({ ended: { type: 'exit', executor: 1, code: 0 } })
    expect(goesOn.log).toBe('then\n')
  })

  test('a program that is not there ends as in a shell', async () => {
    const none = await rig.run([{ command: ['/bin/nothing'] }])
    expect(none.executed).toMatchObject({ ended: { type: 'exit', executor: 0, code: 127 } })
    const secret = await rig.run([{ command: ['/etc/secret'] }])
    expect(secret.executed).toMatchObject({ ended: { type: 'exit', executor: 0, code: 126 } })
    expect(await rig.engine.left()).toEqual([])
  })

  test('what wants more memory than it may have fails, whatever it makes of that', async () => {
    const hog = 'head -c 300000000 /dev/zero | tail -c 300000000 > /dev/null'
    const { executed } = await rig.run([`${hog}; echo went on; exit 0`])
    expect(executed).toEqual({ type: 'failed', reason: 'memory' })
  })

  test('a tmp that is too full is its own affair', async () => {
    const { executed, log } = await rig.run([
      'for i in 1 2 3 4 5 6 7 8; do head -c 9000000 /dev/zero > /tmp/$i; done',
    ])
    expect(log).toMatch(/No space left|I\/O error/)
    expect(executed).toMatchObject({ ended: { code: 1 } })
  })

  test('what goes on beyond its time is ended, also where it sleeps', async () => {
    const resources = { ...usualResources, unitMs: 700 }
    const from = performance.now()
    const { executed } = await rig.run(['while :; do :; done & sleep 1000'], { resources })
    expect(executed).toEqual({ type: 'failed', reason: 'timeout' })
    expect(performance.now() - from).toBeLessThan(60_000)
    expect(await rig.engine.left()).toEqual([])
  })

  test('a signal ends it, whether it runs or is not even there', async () => {
    const ending = new AbortController()
    const running = rig.run(['sleep 1000'], {}, { signal: ending.signal })
    await until(async () => (await rig.engine.docker.listContainers()).length === 1)
    ending.abort()
    expect((await running).executed).toEqual({ type: 'failed', reason: 'killed' })
    const { executed } = await rig.run(['sleep 1000'], {}, { signal: AbortSignal.abort() })
    expect(executed).toEqual({ type: 'failed', reason: 'killed' })
    expect(await rig.engine.left()).toEqual([])
  })

  test('what somebody else ends is no result', async () => {
    const running = rig.run(['sleep 1000'])
    await until(async () => (await rig.engine.docker.listContainers()).length === 1)
    const [container] = await rig.engine.docker.listContainers()
    await rig.engine.docker.getContainer(container?.Id ?? '').kill()
    expect((await running).executed).toEqual({ type: 'failed', reason: 'killed' })
  })

  test('a log ends, and the program goes on', async () => {
    const { executed, log } = await rig.run(['head -c 5000000 /dev/zero | tr "\\0" x; exit 7'])
    expect(executed).toMatchObject({ ended: { code: 7 } })
    expect(log.length).toBe(limits.logBytesMax)
  })

  describe('what leaves too much', () => {
    const limit = { type: 'ran', ended: { type: 'output-limit', executor: 0 }, outputs: [] }

    test.each([
      ['a file', 'head -c 30000000 /dev/zero > /out/a; exit 0'],
      ['some files', 'for i in 1 2 3; do head -c 4000000 /dev/zero > /out/$i; done'],
      ['a stream', 'head -c 30000000 /dev/zero'],
      ['many files', 'cd /out; seq 17000 | xargs touch'],
    ])('is ended, and has no outputs: %s', async (name, script) => {
      const stdout = name === 'a stream' ? { stdout: '/out/stream' } : {}
      const { executed } = await rig.run([{ command: ['/bin/sh', '-c', script], ...stdout }])
      expect(executed).toMatchObject(limit)
    })

    test.each([
      ['bytes', 'i=0; while :; do i=$((i+1)); head -c 9000000 /dev/zero > /scratch/$i; done'],
      ['files', 'cd /scratch; while :; do mkdir a; cd a; seq 10000 | xargs touch; done'],
    ])('floods the disk for a moment and no longer: %s', async (_, script) => {
      const running = rig.run([script])
      const looking = new AbortController()
      const most = mostIn(rig.engine.volumes(), looking.signal)
      const { executed } = await running
      looking.abort()
      expect(executed).toMatchObject({ type: 'failed' })
      // What a disk takes in the time between two looks.
      expect(await most).toBeLessThan(3000)
      expect(await rig.engine.left()).toEqual([])
    })
  })

  test('links and strange names are no outputs, and lead nowhere', async () => {
    const { executed } = await rig.run([
      'cd /out; echo good > good; ln good twin; ln -s /etc/passwd passwd; ln -s / root;' +
        'mkfifo pipe; echo bad > "a b"; echo bad > .bad.; mkdir -p d/e; echo f > d/e/f;' +
        'echo 1 > Case; echo 2 > case',
    ])
    const files = executed.type === 'ran' ? executed.outputs.flatMap((one) => one.files) : []
    expect(files.map(({ path }) => path)).toEqual([
      ...['/out/Case', '/out/d/e/f', '/out/good', '/out/twin'],
    ])
    expect(textAt(executed, '/out/twin')).toBe('good\n')
  })

  test('it stands still and goes on, and its time does not pass', async () => {
    const ticks = 'while :; do echo; [ -e /scratch/end ] && exit 0; sleep 0.05; done'
    let heard = 0
    const unit = {
      ...rig.unit([ticks], { resources: { ...usualResources, unitMs: 6000 } }),
      key: 'still',
    }
    const running = rig.executor.run(unit, new AbortController().signal, () => heard++)
    await until(async () => heard > 3)
    rig.executor.freeze('still')
    await until(async () => {
      const [container] = await rig.engine.docker.listContainers()
      return container?.State === 'paused'
    })
    const before = heard
    await sleep(6500)
    expect(heard).toBeLessThan(before + 2)
    rig.executor.thaw('still')
    await until(async () => heard > before + 3)
    rig.executor.freeze('still')
    rig.executor.thaw('still')
    expect(await running).toEqual({ type: 'failed', reason: 'timeout' })
  })

  test('a slower pace is a smaller share of its cores', async () => {
    const busy = { resources: { ...usualResources, unitMs: 12_000 } }
    const running = rig.run(['while :; do :; done'], busy)
    await until(async () => (await rig.engine.docker.listContainers()).length === 1)
    const [container] = await rig.engine.docker.listContainers()
    const usedMs = async () => {
      const stats = await rig.engine.docker
        .getContainer(container?.Id ?? '')
        .stats({ stream: false, 'one-shot': true })
      return stats.cpu_stats.cpu_usage.total_usage / 1e6
    }
    rig.executor.pace(30)
    // The engine was told so, however little a busy machine gives.
    const quota = async () => {
      const { HostConfig } = await rig.engine.docker.getContainer(container?.Id ?? '').inspect()
      return HostConfig.CpuQuota
    }
    await expect.poll(quota).toBe(quotaUs(1, 30))
    const [from, before] = [performance.now(), await usedMs()]
    await sleep(2000)
    const share = ((await usedMs()) - before) / (performance.now() - from)
    rig.executor.pace(100)
    expect(share).toBeGreaterThan(0)
    expect(share).toBeLessThan(0.4)
    expect((await running).executed).toEqual({ type: 'failed', reason: 'timeout' })
  })
})

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20)
}

async function megabytesIn(directory: string): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['-sm', directory])
  return Number(stdout.split('\t')[0])
}

/** The most that a directory has at any time until a signal. */
async function mostIn(directory: string, signal: AbortSignal): Promise<number> {
  let most = 0
  while (!signal.aborted) {
    // What is removed while it looks is no mistake of what it measures.
    most = Math.max(most, await megabytesIn(directory).catch(() => 0))
    await sleep(100)
  }
  return most
}
