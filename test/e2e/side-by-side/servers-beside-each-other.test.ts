import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { findExecutable } from '../../../src/host/child/find-executable.ts'
import { whyNoSandbox } from '../../../src/host/run/sandbox/why-no-sandbox.ts'
import { systemClock as clock } from '../../../src/kernel/clock.ts'
import { lobby, type LobbyView } from '../../../src/wire/api/resources.ts'
import { runCommandLine } from '../../support/command-line.ts'
import { eventually } from '../../support/eventually.ts'
import { inContainerLikeNamespace, whyNoPidNamespace } from '../../support/pid-namespace.ts'
import { processesOf, processesOfLobby } from '../../support/processes-of.ts'
import { openPorchlight, type PorchlightOptions, type RunningPorchlight } from '../../support/running-porchlight.ts'

/** It leaves something behind that neither dies with it nor has a terminal or a parent. */
const sleeper = `
[apps.sleeper]
command = ["sh", "-c", "setsid -f sleep 77911; exec sleep 77912"]
size = "320x240"
fps = 5
sound = false
`

/** Data directories, all with the same app, and one run directory for all: as of one user. */
function place(t: TestContext) {
  const base = mkdtempSync(join(tmpdir(), 'porchlight-beside-'))
  const houses: RunningPorchlight[] = []
  t.after(async () => {
    for (const house of houses) await house[Symbol.asyncDispose]()
    rmSync(base, { recursive: true, force: true, maxRetries: 5 })
  })
  mkdirSync(join(base, 'run'), { mode: 0o700 })
  const environment = { XDG_RUNTIME_DIR: join(base, 'run') }
  let token = ''
  return {
    data: (name: string) => {
      mkdirSync(join(base, name))
      writeFileSync(join(base, name, 'apps.toml'), sleeper)
      return join(base, name)
    },
    copy: (data: string) => {
      cpSync(data, `${data}-copy`, {
        recursive: true,
        preserveTimestamps: true,
        filter: (path) => !path.includes('homes'),
      })
      return `${data}-copy`
    },
    start: async (data: string, options: PorchlightOptions = {}) => {
      const flags = ['--data', data, '--app', 'sleeper', ...(options.flags ?? [])]
      const house = await openPorchlight({ ...options, flags, environment })
      houses.push(house)
      // A copy has the tokens of its original.
      token ||= house.ownerToken
      return house
    },
    lobbies: async (house: RunningPorchlight) =>
      v.parse(v.array(lobby), (await house.api('GET', 'lobbies', { token })).json()),
    /** Apps still start: one more of them does. */
    startsAnother: async (house: RunningPorchlight, data: string) => {
      const body = { appId: 'sleeper', restart: 'never' }
      const made = v.parse(lobby, (await house.api('POST', 'lobbies', { token, body })).json())
      await allAsleep(data, made)
    },
    runDirectories: () => readdirSync(join(base, 'run')).filter((name) => name.startsWith('porchlight-')),
    environment,
  }
}

/** The sleeping processes of a lobby whose server keeps its data in a directory. */
async function sleepersOf(data: string, { id }: Pick<LobbyView, 'id'>) {
  const all = await processesOfLobby(id)
  const home = `HOME=${join(data, 'homes')}/`
  return all
    .filter(
      ({ commandLine, environment }) =>
        commandLine.startsWith('sleep 7791') && environment.some((text) => text.startsWith(home)),
    )
    .map(({ pid }) => pid)
}

async function allAsleep(data: string, of: Pick<LobbyView, 'id'>): Promise<readonly number[]> {
  return eventually(
    () => sleepersOf(data, of),
    (pids) => pids.length === 2,
    { what: `both processes of the app in ${data}` },
  )
}

test('a second server on the same data is refused, and touches nothing of the first', async (t) => {
  const { data, start, lobbies, startsAnother, runDirectories, environment } = place(t)
  const directory = data('data')
  const first = await start(directory)
  const [own] = await lobbies(first)
  assert.ok(own)
  const asleep = await allAsleep(directory, own)
  const files = () => readdirSync(directory).toSorted()
  const before = [files(), runDirectories()]

  const second = await runCommandLine(['--port', '0', '--data', directory], environment)
  assert.equal(second.code, 3)
  assert.equal(second.output, '')
  const { port } = new URL(first.link)
  assert.match(
    second.errors,
    new RegExp(
      `^Cannot start on the data in ${directory}: another server \\(process ${first.pid}, since .*, at http://127.0.0.1:${port}\\) runs on it\\. Stop that one first \\(kill ${first.pid}\\), or give this one a directory of its own with --data\\.\\n$`,
    ),
  )
  const doctor = await runCommandLine(['doctor', '--port', port, '--data', directory], environment)
  assert.match(
    doctor.output,
    new RegExp(`^ok +Data +${directory}; another server \\(process ${first.pid}, .*\\) runs on it$`, 'm'),
  )
  assert.match(doctor.output, new RegExp(`^ok +Ports +TCP ${port} is that of the server`, 'm'))

  assert.deepEqual([files(), runDirectories()], before)
  assert.deepEqual(
    (await lobbies(first)).map(({ id }) => id),
    [own.id],
  )
  assert.deepEqual(await sleepersOf(directory, own), asleep)
  await startsAnother(first, directory)
})

test('a copy of the data is another host: both run beside each other, and each cleans up after itself alone', async (t) => {
  const { data, copy, start, lobbies, startsAnother, environment } = place(t)
  const directory = data('data')
  const original = await start(directory)
  const [own] = await lobbies(original)
  assert.ok(own)
  const asleep = await allAsleep(directory, own)

  const copied = copy(directory)
  const list = await runCommandLine(['lobby', 'list', '--data', copied], environment)
  assert.equal(list.code, 2, 'what the copy holds of a way in leads nowhere')
  assert.match(list.errors, /none runs on the data in .*-copy/)
  const beside = await start(copied)
  assert.match(beside.log, /These data are a copy, or were moved/)
  const [same] = await lobbies(beside)
  assert.equal(same?.id, own.id)
  const others = await allAsleep(copied, own)
  assert.deepEqual(await sleepersOf(directory, own), asleep, 'the copy has started')

  await original.stop('SIGKILL')
  // Root's apps live in a namespace that ends with its first process; others may detach themselves from everything.
  const isKept = process.getuid?.() === 0 && (await whyNoSandbox(await findExecutable('bwrap'), clock)) === undefined
  await eventually(
    () => sleepersOf(directory, own),
    (left) => left.length === (isKept ? 0 : 1),
    { what: 'who outlives a server that is killed' },
  )
  const again = await start(directory)
  assert.match(
    again.log,
    /What is left here of another server \(process \d+, .*\), which did not end in order, is ended/,
  )
  const anew = await allAsleep(directory, own)
  assert.ok(!anew.some((pid) => asleep.includes(pid)), 'what was left is gone')
  assert.deepEqual(await sleepersOf(copied, own), others, 'the original has started again')

  await beside.stop()
  assert.deepEqual(await sleepersOf(copied, own), [])
  assert.deepEqual(await sleepersOf(directory, own), anew, 'the copy has ended')
  await startsAnother(again, directory)
})

const strangers: readonly (readonly [where: string, prefix: readonly string[], skip: string | false])[] = [
  ['in a process namespace of its own', inContainerLikeNamespace, await whyNoPidNamespace()],
  ['with few descriptors', ['sh', '-c', 'ulimit -n 128; exec "$@"', 'sh'], false],
]
for (const [where, prefix, skip] of strangers) {
  test(`a server ${where} leaves alone what it cannot see the process of`, { skip }, async (t) => {
    const { data, start, lobbies, startsAnother, runDirectories } = place(t)
    const directory = data('data')
    const first = await start(directory)
    const [own] = await lobbies(first)
    assert.ok(own)
    const asleep = await allAsleep(directory, own)
    const before = runDirectories()
    const groups = controlGroups()

    const stranger = await start(data('other'), { prefix, flags: ['--no-lobby'] })
    assert.equal((await stranger.stop()).code, 0)
    assert.deepEqual(
      runDirectories().filter((name) => before.includes(name)),
      before,
    )
    const stay = controlGroups()
    for (const group of groups)
      assert.ok(stay.includes(group) || !group.includes(`porchlight-${hostOf(before)}`), group)
    assert.deepEqual(await sleepersOf(directory, own), asleep)
    await startsAnother(first, directory)
    // Its own goes with it, whatever it could see.
    assert.deepEqual(await processesOf(stranger.directory), [])
  })
}

/** What a host is known by, from the names of its run directory. */
function hostOf([name = '']: readonly string[]): string {
  return name.split('-')[1] ?? ''
}

/** The control groups that servers have made, those of other tests among them. */
function controlGroups(): readonly string[] {
  const found = execFileSync('sh', ['-c', 'find /sys/fs/cgroup -type d -name "porchlight-*" 2>/dev/null || true'])
  return String(found).split('\n').filter(Boolean)
}
