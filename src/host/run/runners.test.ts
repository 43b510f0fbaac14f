import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { systemClock as clock } from '../../kernel/clock.ts'
import { silentLog as log } from '../../kernel/log.ts'
import { appEnvironment } from '../apps/app-environment.ts'
import { findExecutable } from '../child/find-executable.ts'
import { findRunProcesses, runName } from '../child/process-tree.ts'
import { openDisplay } from '../display/open-display.ts'
import { socketPathOf } from '../display/server-socket.ts'
import { findPulseaudio } from '../sound/find-pulseaudio.ts'
import { openLobbySound } from '../sound/open-lobby-sound.ts'
import { plainRun, type SandboxRules } from './run-rules.ts'
import type { RunPlace } from './runner.ts'
import { openRunners } from './runners.ts'

const find = (name: string) => findExecutable(name)
const runners = await openRunners({ find, engine: { problem: 'none' }, appUser: 'own', hostId: 'test', clock, log })
after(() => runners.close())
const shut: SandboxRules = { network: false, readable: [], writable: [], devices: [] }
const noSandbox = await runners.abilities.whyNoSandbox()

/** A data directory with the homes of two apps in it, and a lobby with a display and a sound server. */
async function openRig(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-sandbox-'))
  t.after(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(directory, name)
  const names = ['data/homes/app/default', 'data/homes/other/default', 'run/xdg', 'run/app', 'readable', 'writable']
  for (const name of names) await mkdir(path(name), { recursive: true })
  await writeFile(path('data/porchlight.sqlite'), 'secret')
  await writeFile(path('data/homes/other/default/diary'), 'secret')
  await writeFile(path('readable/book'), 'a book')
  await chmod(path('writable'), 0o777)
  const home = path('data/homes/app/default')
  const limits = plainRun.limits
  const request = {
    runId: randomUUID(),
    limits,
    enclosure: 'sandbox',
    devices: [],
    home,
    directory: path('run'),
  } as const
  const scope = await runners.openScope(request)
  t.after(() => scope[Symbol.asyncDispose]())
  const size = { width: 640, height: 480 }
  const shelter = await scope.shelter('display')
  const display = await openDisplay({ runtimeDirectory: path('run'), size, layout: 'us', shelter, log, clock })
  t.after(() => display.close())
  const sound = await openLobbySound({
    directory: path('run/sound'),
    name: 'sandboxed',
    version: await findPulseaudio(),
    shelter: await scope.shelter('sound'),
    log,
    clock,
  })
  t.after(() => sound.close())
  const place: RunPlace = {
    home,
    runtimeDirectory: path('run/xdg'),
    appDirectory: path('run/app'),
    display: {
      name: socketPathOf(Number(display.name.slice(1))),
      socket: display.socket,
      authorityFile: display.authorityFile,
    },
    sound,
  }
  const env = { ...appEnvironment({}, { ...place, account: scope.account }), ...display.env, ...sound.env }
  const run = async (script: string, rules: Partial<SandboxRules> = {}) => {
    let printed = ''
    const runId = randomUUID()
    const app = await scope.run({
      command: ['sh', '-c', script],
      env,
      directory: place.home,
      runId,
      place,
      enclosure: { kind: 'sandbox', rules: { ...shut, ...rules } },
      onOutput: (text) => (printed += text),
    })
    t.after(() => app.close())
    return { app, runId, printed: async () => (await app.closed, printed) }
  }
  return { directory, path, place, scope, display, run }
}

describe('a sandbox', { skip: noSandbox }, () => {
  it('shows the system and its own home, and nothing of the data directory, other homes and other processes', async (t) => {
    const { path, place, run } = await openRig(t)
    const { printed } = await run(`
      cat ${path('data/porchlight.sqlite')} ${path('data/homes/other/default/diary')} ${path('readable/book')}
      ls -A ${path('data')} ${path('data/homes')}
      ls -A ${homedir()} /root /home /tmp
      cat /etc/shadow
      echo "processes: $(ls -d /proc/[0-9]* | wc -l)"
      echo "kept" > kept; echo "run" > "$XDG_RUNTIME_DIR/made"; mktemp >/dev/null && echo "has a /tmp"
      echo changed > /usr/changed; echo changed > /etc/changed; mkdir /new
      grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status
      hostname; ls /dev; ls /sys/class/net 2>/dev/null; cat /proc/net/dev | grep -c :`)
    const text = await printed()
    assert.doesNotMatch(text, /secret|a book|root:|sqlite\n|diary\n/)
    assert.match(text, /^homes\n/m)
    const processes = Number(/^processes: (\d+)$/m.exec(text)?.[1])
    assert.ok(processes > 0 && processes < 8, text)
    assert.equal(await readFile(join(place.home, 'kept'), 'utf8'), 'kept\n')
    assert.equal(await readFile(join(place.runtimeDirectory, 'made'), 'utf8'), 'run\n')
    assert.match(text, /has a \/tmp/)
    assert.ok(!existsSync('/usr/changed') && !existsSync('/etc/changed'))
    assert.match(text, /\/usr\/changed: Read-only file system/)
    assert.match(text, /mkdir: .*Read-only file system/)
    assert.match(text, /CapEff:\t0{16}\n/)
    assert.match(text, /NoNewPrivs:\t1/)
    assert.match(text, /^porchlight$/m)
    assert.doesNotMatch(text, /^(vda|kmsg|mem|kvm|fuse|uinput)$/m)
    assert.match(text, /\n1\n$/, 'loopback alone')
  })

  it('lets in what its rules say', async (t) => {
    const { path, run } = await openRig(t)
    const rules = { network: true, readable: [path('readable')], writable: [path('writable')] }
    const script = `cat ${path('readable/book')}; echo x > ${path('readable/book')}; echo new > ${path('writable/note')}`
    const { printed } = await run(`${script}; grep -c : /proc/net/dev`, rules)
    const text = await printed()
    assert.match(text, /^a book/)
    assert.match(text, /readable\/book: Read-only file system/)
    assert.equal(await readFile(path('writable/note'), 'utf8'), 'new\n')
    const links = (await readFile('/proc/net/dev', 'utf8')).split('\n').filter((line) => line.includes(':')).length
    assert.equal(Number(text.trim().split('\n').at(-1)), links)
  })

  it('draws on the display and makes sound', async (t) => {
    const { display, run } = await openRig(t)
    const { printed } = await run('pactl info | grep "Default Sink"; head -c 96000 /dev/zero | pacat && echo played')
    const text = await printed()
    assert.match(text, /Default Sink: \S+/)
    assert.match(text, /played/)
    const terminal = await run('exec xterm -e sleep 100')
    await Promise.race([
      display.firstWindow,
      terminal.app.closed.then((end) => assert.fail(`xterm has ended: ${JSON.stringify(end)}`)),
    ])
  })

  it('is gone with all of its processes when it is closed, those that detach themselves too', async (t) => {
    const { place, run } = await openRig(t)
    const { app, runId } = await run(
      '(setsid sh -c "trap \'\' TERM; echo ready > ready; while :; do sleep 1; done" &); sleep 100',
    )
    const isReady = () => existsSync(join(place.home, 'ready'))
    while (!isReady()) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok((await findRunProcesses(runName('test', runId))).length >= 3)
    await app.close('stopped')
    assert.deepEqual(await app.closed, { kind: 'clean', reason: 'stopped' })
    assert.deepEqual(await findRunProcesses(runName('test', runId)), [])
  })

  it('refuses a directory that is not visible in it', async (t) => {
    const { place, scope } = await openRig(t)
    const enclosure = { kind: 'sandbox', rules: shut } as const
    const run = { command: ['true'] as const, env: {}, directory: '/srv', runId: randomUUID(), place, enclosure }
    await assert.rejects(scope.run(run), { code: 'directory-not-found', message: /not visible in its sandbox/ })
  })
})
