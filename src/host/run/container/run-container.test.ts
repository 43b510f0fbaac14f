import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, test, type TestContext } from 'node:test'
import { openTestEngine, testImage } from '../../../../test/support/container-engine.ts'
import { eventually } from '../../../../test/support/eventually.ts'
import { systemClock as clock } from '../../../kernel/clock.ts'
import { silentLog as log } from '../../../kernel/log.ts'
import { findExecutable } from '../../child/find-executable.ts'
import { findRunProcesses, runName } from '../../child/process-tree.ts'
import { openDisplay } from '../../display/open-display.ts'
import { socketPathOf } from '../../display/server-socket.ts'
import { findPulseaudio } from '../../sound/find-pulseaudio.ts'
import { openLobbySound } from '../../sound/open-lobby-sound.ts'
import { plainRun, type ContainerRules, type RunLimits } from '../contract/run-rules.ts'
import type { RunPlace, ScopedRun } from '../contract/runner.ts'
import { openRunners } from '../runners.ts'

const find = (name: string) => findExecutable(name)
const shut: ContainerRules = {
  image: testImage,
  pull: 'missing',
  user: undefined,
  writableImage: false,
  network: false,
  readable: [],
  writable: [],
  devices: [],
}

const engine = await openTestEngine()
after(async () => {
  if (typeof engine !== 'string') await engine[Symbol.asyncDispose]()
})

async function openRig(
  t: TestContext,
  socketPath: string,
  { hostId = randomUUID(), limits: wanted = {} }: { hostId?: string; limits?: Partial<RunLimits> } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-container-'))
  const opened = new AsyncDisposableStack()
  t.after(() => opened.disposeAsync())
  opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(directory, name)
  for (const name of ['homes/app/default', 'run/xdg', 'run/app']) await mkdir(path(name), { recursive: true })
  const runners = await openRunners({ find, engine: { path: socketPath }, appUser: 'own', hostId, clock, log })
  opened.defer(() => runners.close())
  const home = path('homes/app/default')
  const limits = { ...plainRun.limits, ...wanted }
  const request = {
    runId: randomUUID(),
    limits,
    enclosure: 'container',
    devices: [],
    writable: [],
    home,
    directory: path('run'),
  } as const
  const scope = opened.use(await runners.openScope(request))
  const size = { width: 640, height: 480 }
  const shelter = await scope.shelter('display')
  const display = opened.use(
    await openDisplay({ runtimeDirectory: path('run'), size, layout: 'us', shelter, log, clock }),
  )
  const sound = opened.use(
    await openLobbySound({
      runtimeDirectory: path('run'),
      name: 'contained',
      version: await findPulseaudio(),
      shelter: await scope.shelter('sound'),
      log,
      clock,
    }),
  )
  const { authorityFile, socket } = display
  const place: RunPlace = {
    home,
    runtimeDirectory: path('run/xdg'),
    appDirectory: path('run/app'),
    display: { name: socketPathOf(Number(display.name.slice(1))), socket, authorityFile },
    sound,
  }
  const start = async (
    script: string,
    rules: Partial<ContainerRules> = {},
    more: Partial<ScopedRun> & { id?: string } = {},
  ) => {
    let printed = ''
    const { id = randomUUID(), ...asked } = more
    const app = await scope.run({
      command: ['/bin/sh', '-c', script],
      env: { ...display.env, ...sound.env },
      place,
      directory: place.home,
      runId: id,
      enclosure: { kind: 'container', rules: { ...shut, ...rules } },
      onOutput: (text) => (printed += text),
      ...asked,
    })
    opened.use(app)
    return { app, runId: runName(hostId, id), printed: async () => (await app.closed, printed), soFar: () => printed }
  }
  return { place, display, runners, start }
}

describe('a container', { skip: typeof engine === 'string' && engine }, () => {
  if (typeof engine === 'string') return
  const { socketPath } = engine

  it('has its home, and neither rights nor devices nor the image to write', async (t) => {
    const { place, start } = await openRig(t, socketPath)
    const { app, printed } = await start(`id -u; echo kept > $HOME/kept; echo made > $XDG_RUNTIME_DIR/made
      touch /bin/new; touch /tmp/new && echo has a tmp; grep -E 'Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status
      ls /dev; ls /proc | grep -c '^[0-9]'; cat /proc/net/dev | grep -c :; ls -l /run/porchlight; ls /run`)
    const text = await printed()
    assert.deepEqual(await app.closed, { kind: 'clean', reason: 'it exited with code 0' }, text)
    assert.match(text, new RegExp(`^${(await stat(place.home)).uid}\n`))
    assert.doesNotMatch(text, /^0\n/)
    assert.equal(await readFile(join(place.home, 'kept'), 'utf8'), 'kept\n')
    assert.equal((await stat(join(place.home, 'kept'))).uid, (await stat(place.home)).uid)
    assert.equal(await readFile(join(place.runtimeDirectory, 'made'), 'utf8'), 'made\n')
    assert.match(text, /\/bin\/new: Read-only file system/)
    assert.match(text, /has a tmp/)
    assert.match(text, /CapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1/)
    assert.doesNotMatch(text, /^(vda|kmsg|kvm|fuse|uinput|docker.sock|podman)$/m)
    const [processes, links] = [...text.matchAll(/^(\d+)$/gm)].slice(1).map(([number]) => Number(number))
    assert.ok(processes !== undefined && processes < 8, text)
    assert.equal(links, 1, 'loopback alone')
  })

  it('draws on the display and reaches the sound server', async (t) => {
    const { display, start } = await openRig(t, socketPath)
    const { printed } = await start('pactl info')
    assert.match(await printed(), /Default Sink: \S+/)
    const terminal = await start('exec xterm -e sleep 100')
    await Promise.race([
      display.firstWindow,
      terminal.app.closed.then(() => assert.fail(`xterm has ended: ${terminal.soFar()}`)),
    ])
  })

  it('tells how it ended, with its last words', async (t) => {
    const { start } = await openRig(t, socketPath)
    const { app } = await start('echo no display >&2; exit 7')
    const end = await app.closed
    const expected = `The container of ${testImage} exited with code 7; its last line was "no display"`
    assert.equal(end.kind === 'error' && end.error.message, expected)
  })

  it('is held to its limits by the engine, and memory is named as the cause of its end', async (t) => {
    const { start } = await openRig(t, socketPath, { limits: { memoryBytes: 64 * 1024 ** 2, processes: 10 } })
    const many = await start('for i in $(seq 30); do sleep 5 & done; echo done')
    assert.match(await many.printed(), /can't fork/)
    const { app } = await start('exec tail -c 200000000 /dev/zero')
    const end = await app.closed
    // Podman's own word for it where it has noticed, else what is likely.
    assert.match(end.kind === 'error' ? end.error.message : '', /it needed more than its 64 MiB/)
  })

  it('is gone when it is closed, and says so when somebody else kills it', async (t) => {
    const { start } = await openRig(t, socketPath)
    const first = await start(`(setsid sh -c "trap '' TERM; sleep 100; sleep 100" &); echo ready; sleep 100`)
    await eventually(first.soFar, (text) => text.includes('ready'), { what: 'a container that runs' })
    await first.app.close('stopped')
    assert.deepEqual(await first.app.closed, { kind: 'clean', reason: 'stopped' })
    assert.deepEqual(await findRunProcesses(first.runId), [])
    assert.equal(await engine.podman('ps', '--all', '--quiet', '--filter', `label=porchlight.run=${first.runId}`), '')

    const second = await start('echo ready; sleep 100')
    await engine.podman('kill', '--signal=KILL', `porchlight-${second.runId}`)
    const end = await second.app.closed
    assert.match(end.kind === 'error' ? end.error.message : '', /exited with code 137 \(it was killed\)/)
  })

  it('is removed at the next start when its host was killed', async (t) => {
    const hostId = randomUUID()
    const { start } = await openRig(t, socketPath, { hostId })
    const { runId, app } = await start('sleep 100')
    const { runners } = await openRig(t, socketPath, { hostId })
    await runners.removeLeftovers()
    assert.equal(await engine.podman('ps', '--all', '--quiet', '--filter', `label=porchlight.run=${runId}`), '')
    assert.equal((await app.closed).kind, 'error')
  })

  it('is left alone by a host that began with a copy of the data of its own, and has the same lobby', async (t) => {
    const id = randomUUID()
    const original = await openRig(t, socketPath)
    const { app, soFar } = await original.start('echo ready; sleep 100', {}, { id })
    await eventually(soFar, (text) => text.includes('ready'), { what: 'a container that runs' })
    const copy = await openRig(t, socketPath)
    await copy.runners.removeLeftovers()
    const beside = await copy.start('echo ready', {}, { id })
    assert.match(await beside.printed(), /ready/)
    await app.close('stopped')
    assert.deepEqual(await app.closed, { kind: 'clean', reason: 'stopped' })
  })

  it('says what to do about an image that is not there', async (t) => {
    const { start } = await openRig(t, socketPath)
    const none = { image: 'localhost/porchlight-none:1' }
    await assert.rejects(start('true', { ...none, pull: 'never' }), {
      code: 'image-missing',
      message: /^There is no image localhost\/porchlight-none:1 here. Fetch it yourself/,
    })
    const progress: string[] = []
    await assert.rejects(start('true', none, { onProgress: (what) => progress.push(what) }), {
      code: 'image-missing',
      message: /^Cannot get the image localhost\/porchlight-none:1: .*Check its name and the network/s,
    })
    assert.deepEqual(progress, ['Fetching the image localhost/porchlight-none:1'])
  })

  it('is ended with a reason when its engine dies', async (t) => {
    const { start } = await openRig(t, socketPath)
    const { app, runId, soFar } = await start('echo ready; sleep 100')
    await eventually(soFar, (text) => text.includes('ready'), { what: 'a container that runs' })
    await engine.kill()
    const end = await app.closed
    assert.match(end.kind === 'error' ? end.error.message : '', /The container engine was lost/)
    assert.deepEqual(await findRunProcesses(runId), [])
  })
})

test('a container without an engine is refused with what to do', async (t) => {
  const { runners, start } = await openRig(t, '/nonexistent/engine.sock')
  assert.match((await runners.abilities.whyNoContainer()) ?? '', /Cannot talk to the container engine at \/nonexistent/)
  await assert.rejects(start('true'), { code: 'engine-unreachable', message: /--container-engine/ })
  await runners.removeLeftovers()
})
