import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it, test, type TestContext } from 'node:test'
import { systemClock as clock } from '../../../kernel/clock.ts'
import { silentLog as log } from '../../../kernel/log.ts'
import { readProcess } from '../../child/process-table.ts'
import { runProcess } from '../run-process.ts'
import { plainRun, type RunLimits } from '../contract/run-rules.ts'
import { areOurs, openCgroups } from './open-cgroups.ts'

const mebibyte = 1024 ** 2
const hostId = randomUUID().slice(-12)
const all: RunLimits = { cpus: 1.5, memoryBytes: 64 * mebibyte, processes: 20 }

/** What a group looks like, in plain files. */
function groupOfFiles(t: TestContext, controllers: string): string {
  const own = mkdtempSync(join(tmpdir(), 'porchlight-cgroup-'))
  t.after(() => rmSync(own, { recursive: true }))
  const base = join(own, `porchlight-${hostId}`)
  mkdirSync(base)
  for (const directory of [own, base]) {
    writeFileSync(join(directory, 'cgroup.controllers'), controllers)
    writeFileSync(join(directory, 'cgroup.subtree_control'), '')
  }
  return own
}

test('openCgroups writes what a run may use into a group of its own', async (t) => {
  const own = groupOfFiles(t, 'cpuset cpu io memory pids\n')
  const cgroups = await openCgroups({ hostId, clock, own })
  assert.equal(cgroups.whyNot(all), undefined)
  await cgroups.open('a', all)
  const run = join(own, `porchlight-${hostId}`, 'run-a')
  const files = Object.fromEntries(readdirSync(run).map((name) => [name, readFileSync(join(run, name), 'utf8')]))
  const limits = { 'cpu.max': '150000 100000', 'memory.max': String(64 * mebibyte), 'pids.max': '20' }
  assert.deepEqual(files, { ...limits, 'memory.swap.max': '0' })
  await cgroups.open('b', undefined)
  assert.deepEqual(readdirSync(join(own, `porchlight-${hostId}`, 'run-b')), [])
})

test('a group has parts that share its limits, and its kills for want of memory are those of the whole', async (t) => {
  const own = groupOfFiles(t, 'cpu memory pids\n')
  const group = (await (await openCgroups({ hostId, clock, own })).open('a', all)) ?? assert.fail()
  const [app, display] = [await group.part('app'), await group.part('display')]
  assert.equal(app.directory, join(group.directory, 'app'))
  assert.deepEqual(readdirSync(display.directory), [], 'no limits of its own')
  assert.match(display.wrapper.at(-1) ?? '', /run-a\/display\/cgroup\.procs$/)
  assert.equal(await app.memoryKills(), 0)
  writeFileSync(join(group.directory, 'memory.events'), 'oom 1\noom_kill 2\n')
  assert.equal(await app.memoryKills(), 2)
  await (await group.part('app')).remove()
  assert.ok(!existsSync(app.directory) && existsSync(display.directory))
})

test('openCgroups says which limits cannot be held and why, and holds the others', async (t) => {
  const cgroups = await openCgroups({ hostId, clock, own: groupOfFiles(t, 'cpu pids\n') })
  assert.match(cgroups.whyNot(all) ?? '', /^No limit of memory can be held here: .* no memory controller.*Delegate=yes/)
  assert.deepEqual(cgroups.unheld(all), ['memory'])
  assert.equal(cgroups.whyNot({ ...all, memoryBytes: undefined }), undefined)
  assert.equal(cgroups.whyNot(plainRun.limits), undefined)
  const none = await openCgroups({ hostId, clock, own: '/proc/porchlight' })
  assert.match(
    none.whyNot(all) ?? '',
    /^No limits can be held here. The control group \/proc\/porchlight cannot be changed/,
  )
  assert.equal(await none.open('a', all), undefined)
  assert.deepEqual(none.unheld(all), ['cpus', 'memory', 'processes'])
  assert.deepEqual(none.unheld(plainRun.limits), [])
})

test('areOurs is about a process, its line and its children, and never about the shell that it was started from', () => {
  const entry = (pid: number, parentPid: number, sessionId: number, hasTerminal: boolean) => {
    return { pid, parentPid, sessionId, hasTerminal, groupId: sessionId, startTicks: pid }
  }
  // A shell, npm, this process and its child; then another program of the shell.
  const line = (hasTerminal: boolean) => [
    entry(10, 1, 10, hasTerminal),
    entry(11, 10, 10, hasTerminal),
    entry(12, 11, 10, hasTerminal),
    entry(13, 12, 13, false),
    entry(14, 10, 10, hasTerminal),
  ]
  assert.equal(areOurs([11, 12, 13], line(true), 12), true, 'a scope')
  assert.equal(areOurs([10, 11, 12, 13], line(false), 12), true, 'a service')
  assert.equal(areOurs([10, 11, 12], line(true), 12), false, 'a terminal')
  assert.equal(areOurs([11, 12, 14], line(true), 12), false, 'another program')
  assert.equal(areOurs([], line(true), 12), true)
})

test('openCgroups removes what its host has left anywhere in the tree, and nothing of another host', async (t) => {
  const own = groupOfFiles(t, 'cpu memory pids\n')
  const elsewhere = join(own, 'session-3.scope', `porchlight-${hostId}`)
  const others = ['porchlight-0123456789ab', 'porchlight-4194999', `porchlight-${hostId}x`].map((name) =>
    join(own, name),
  )
  for (const directory of [elsewhere, ...others]) mkdirSync(directory, { recursive: true })
  const opened = await openCgroups({ hostId, clock, own })
  assert.ok(!existsSync(elsewhere))
  await opened.close()
  for (const directory of others) assert.ok(existsSync(directory), directory)
})

const cgroups = await openCgroups({ hostId, clock })
const probe = await cgroups.open(`probe-${randomUUID()}`, undefined)
await probe?.remove()
const noGroups = probe === undefined ? cgroups.whyNot(all) : false

describe('a control group', { skip: noGroups }, () => {
  const start = async (t: TestContext, script: string, limits?: RunLimits) => {
    const runId = randomUUID()
    const group = (await cgroups.open(runId, limits)) ?? assert.fail()
    const run = { command: ['sh', '-c', script] as const, env: {}, directory: '/', runId, ...(limits && { limits }) }
    const app = await runProcess({ ...run, group, log, clock, graceMs: 300 })
    t.after(() => app.close())
    return { app, group }
  }
  const printed = async (app: { readonly output: readonly string[] }, line: string) => {
    while (!app.output.includes(line)) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('ends what has dropped its mark, its parents and its session', async (t) => {
    const hidden = `env -i setsid sh -c 'trap "" TERM; echo hidden; while :; do sleep 1; done'`
    const { app, group } = await start(t, `(${hidden} &) ; sleep 100`)
    await printed(app, 'hidden')
    const before = await group.processes()
    assert.ok(before.length >= 3, `${before.length} processes`)
    await app.close('stopped')
    assert.deepEqual(await app.closed, { kind: 'clean', reason: 'stopped' })
    assert.deepEqual(await group.processes(), [])
    const after = await Promise.all(before.map(({ pid }) => readProcess(pid)))
    assert.deepEqual(
      after.filter((entry) => entry !== undefined),
      [],
    )
  })

  it(
    'names memory as the cause when the kernel has killed the app for it',
    { skip: cgroups.whyNot(all) },
    async (t) => {
      const { app } = await start(t, 'head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null; exit 9', all)
      const end = await app.closed
      assert.ok(end.kind === 'error')
      assert.equal(end.error.message, 'sh was killed because it had no memory left: it needed more than its 64 MiB')
    },
  )

  it('lets an app have no more processes than it may', { skip: cgroups.whyNot(all) }, async (t) => {
    const { app } = await start(t, 'for i in $(seq 40); do sleep 100 & done; echo done', all)
    const end = await app.closed
    assert.match(end.kind === 'error' ? end.error.message : '', /fork/i)
  })

  it('lets an app have no more of the processor than it may', { skip: cgroups.whyNot(all) }, async (t) => {
    const { app } = await start(t, 'timeout 2 sh -c "while :; do :; done"; times', { ...all, cpus: 0.25 })
    await app.closed
    const seconds = [...app.output.join(' ').matchAll(/0m(\d+\.\d+)s/g)].map(([, used]) => Number(used))
    const usedS = seconds.reduce((sum, used) => sum + used, 0)
    assert.ok(usedS > 0.1 && usedS < 1.3, `${usedS} s of 2 s`)
  })

  it('is made again when somebody has removed the one that it was in', async (t) => {
    const { app, group } = await start(t, 'exit 0')
    await app.closed
    rmdirSync(dirname(group.directory))
    const again = await start(t, 'echo here; sleep 100')
    await printed(again.app, 'here')
    assert.ok((await again.group.processes()).length > 0)
  })

  it('leaves no directory behind', async (t) => {
    const { app, group } = await start(t, 'exit 0')
    await app.closed
    assert.deepEqual(await group.processes(), [])
    await cgroups.close()
    assert.ok(!existsSync(dirname(group.directory)))
  })
})
