import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainRun, type ContainerRules } from '../contract/run-rules.ts'
import type { RunOptions, RunPlace } from '../contract/runner.ts'
import { containerSpec } from './container-spec.ts'
import { findEngine } from './find-engine.ts'
import { PullProgress } from './pull-progress.ts'

const place: RunPlace = {
  home: '/data/homes/app/default',
  runtimeDirectory: '/run/lobby/xdg',
  appDirectory: '/run/lobby/app',
  display: { name: '/tmp/.X11-unix/X7', socket: '/run/lobby/sockets/X7', authorityFile: '/run/lobby/authority' },
  sound: { directory: '/run/lobby/sound', cookieFile: '/run/lobby/sound/cookie' },
}
const rules: ContainerRules = {
  image: 'debian:12',
  pull: 'missing',
  user: undefined,
  writableImage: false,
  network: false,
  readable: [],
  writable: [],
  devices: [],
}
const run: RunOptions = { command: undefined, env: { DISPLAY: ':7', HOME: '/data' }, directory: place.home, runId: 'a' }

function spec(more: { readonly rules?: Partial<ContainerRules>; readonly run?: Partial<RunOptions> } = {}) {
  const options = { place, user: '1000:1000', userNamespace: undefined, hostId: '/data' }
  return containerSpec({ ...options, rules: { ...rules, ...more.rules }, run: { ...run, ...more.run } })
}

test('containerSpec gives no rights, no network, no device and nothing to write but home and runtime directory', () => {
  const { HostConfig, User, NetworkDisabled } = spec()
  assert.equal(User, '1000:1000')
  assert.equal(NetworkDisabled, true)
  assert.partialDeepStrictEqual(HostConfig, {
    NetworkMode: 'none',
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    PidsLimit: 2048,
    Devices: [],
  })
  const writable = HostConfig.Mounts.filter(({ ReadOnly }) => !ReadOnly).map(({ Source }) => Source)
  assert.deepEqual(writable, [place.home, place.runtimeDirectory])
  assert.ok(!JSON.stringify(HostConfig).match(/docker\.sock|podman\.sock|"\/dev"|"\/"/))
})

test('containerSpec hands on what the rules and limits say', () => {
  const limits = { cpus: 1.5, memoryBytes: 2 ** 30, processes: 50 }
  const devices = ['/dev/dri']
  const wide = { network: true, writableImage: true, devices, readable: ['/srv/games'], writable: ['/srv/saved'] }
  const { HostConfig, NetworkDisabled } = spec({ rules: wide, run: { limits } })
  assert.equal(NetworkDisabled, false)
  assert.equal('NetworkMode' in HostConfig, false)
  assert.partialDeepStrictEqual(HostConfig, {
    ReadonlyRootfs: false,
    Memory: 2 ** 30,
    MemorySwap: 2 ** 30,
    NanoCpus: 1.5e9,
    PidsLimit: 50,
    Devices: [{ PathOnHost: '/dev/dri', PathInContainer: '/dev/dri', CgroupPermissions: 'rw' }],
  })
  assert.ok(HostConfig.Mounts.some(({ Source, ReadOnly }) => Source === '/srv/games' && ReadOnly))
  assert.ok(HostConfig.Mounts.some(({ Source, ReadOnly }) => Source === '/srv/saved' && !ReadOnly))
  assert.equal(spec({ run: plainRun }).HostConfig.PidsLimit, 2048)
})

test('containerSpec leaves command and directory to the image, or replaces both', () => {
  assert.ok(!('Entrypoint' in spec()) && !('Cmd' in spec()) && !('WorkingDir' in spec()))
  const own = spec({ run: { command: ['game', '--full'], directory: `${place.home}/saves` } })
  assert.partialDeepStrictEqual(own, {
    Entrypoint: ['game'],
    Cmd: ['--full'],
    WorkingDir: '/home/porchlight/saves',
  })
  assert.partialDeepStrictEqual(spec({ run: { directory: '/opt/game' } }), { WorkingDir: '/opt/game' })
  const { Env } = spec()
  assert.ok(Env.includes('HOME=/home/porchlight') && !Env.includes('HOME=/data'))
  assert.ok(Env.includes('DISPLAY=:7') && Env.includes('PULSE_SERVER=unix:/run/porchlight/pulse/native'))
})

test('findEngine takes what is configured, then DOCKER_HOST, then what there is', () => {
  const none = () => false
  assert.deepEqual(findEngine('/a.sock', { DOCKER_HOST: 'unix:///b.sock' }, none), { path: '/a.sock' })
  assert.deepEqual(findEngine(undefined, { DOCKER_HOST: 'unix:///b.sock' }, none), { path: '/b.sock' })
  assert.match(JSON.stringify(findEngine(undefined, { DOCKER_HOST: 'tcp://far:2375' }, none)), /wanted unix/)
  const podman = '/run/user/1000/podman/podman.sock'
  assert.deepEqual(
    findEngine(undefined, { XDG_RUNTIME_DIR: '/run/user/1000' }, (path) => path === podman),
    { path: podman },
  )
  assert.match(JSON.stringify(findEngine(undefined, {}, none)), /apt-get install podman/)
})

test('PullProgress adds the layers up, however its report is cut, and throws what went wrong', () => {
  const line = (id: string, current: number, total: number) =>
    `${JSON.stringify({ status: 'Downloading', id, progressDetail: { current, total } })}\r\n`
  const progress = new PullProgress()
  assert.equal(progress.push('{"status":"Pulling from library/debian","id":"12"}\n{"sta'), undefined)
  assert.equal(progress.push(`tus":"x"}\n${line('a', 50, 100)}${line('b', 0, 300)}`), 12)
  assert.equal(progress.push(line('a', 100, 100) + line('b', 300, 300)), 100)
  assert.equal(progress.push('not JSON\nnull\n[1]\n'), 100)
  assert.throws(() => progress.push('{"error":"manifest unknown"}\n'), /manifest unknown/)
  assert.doesNotThrow(() => new PullProgress().push('x'.repeat(10_000_000)))
})
