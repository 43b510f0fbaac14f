import { randomUUID } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { appEnvironment } from '../../src/host/apps/app-environment.ts'
import { openDisplay } from '../../src/host/display/open-display.ts'
import { socketPathOf } from '../../src/host/display/server-socket.ts'
import { plainRun, type SandboxRules } from '../../src/host/run/contract/run-rules.ts'
import type { RunPlace } from '../../src/host/run/contract/runner.ts'
import type { Runners } from '../../src/host/run/runners.ts'
import { findPulseaudio } from '../../src/host/sound/find-pulseaudio.ts'
import { openLobbySound } from '../../src/host/sound/open-lobby-sound.ts'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { silentLog as log } from '../../src/kernel/log.ts'

export const shut: SandboxRules = { network: false, readable: [], writable: [], devices: [] }

/** A data directory with the homes of two apps in it, and a lobby with a display and a sound server. It goes with the test. */
export async function openScopeRig(
  t: TestContext,
  runners: Runners,
  enclosure: 'sandbox' | undefined,
  /** Whose the home is at first; of whoever runs the test when left out. */
  owner?: number,
) {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-sandbox-'))
  const opened = new AsyncDisposableStack()
  t.after(() => opened.disposeAsync())
  opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(directory, name)
  const names = ['data/homes/app/default', 'data/homes/other/default', 'run/xdg', 'run/app', 'readable', 'writable']
  for (const name of names) await mkdir(path(name), { recursive: true })
  await writeFile(path('data/porchlight.sqlite'), 'secret')
  await writeFile(path('data/homes/other/default/diary'), 'secret')
  await writeFile(path('readable/book'), 'a book')
  await chmod(path('writable'), 0o777)
  const home = path('data/homes/app/default')
  if (owner !== undefined) await chown(home, owner, owner)
  const asked = { runId: randomUUID(), limits: plainRun.limits, enclosure, devices: [], writable: [] }
  const scope = opened.use(await runners.openScope({ ...asked, home, directory: path('run') }))
  const size = { width: 640, height: 480 }
  const shelter = await scope.shelter('display')
  const display = opened.use(
    await openDisplay({ runtimeDirectory: path('run'), size, layout: 'us', shelter, log, clock }),
  )
  const sound = opened.use(
    await openLobbySound({
      runtimeDirectory: path('run'),
      name: 'sandboxed',
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
  const { account } = scope
  const env = { ...appEnvironment({}, { ...place, account }), ...display.env, ...sound.env }
  const run = async (script: string, rules: Partial<SandboxRules> = {}) => {
    let printed = ''
    const runId = randomUUID()
    const app = await scope.run({
      command: ['sh', '-c', script],
      env,
      directory: home,
      runId,
      place,
      ...(enclosure && { enclosure: { kind: enclosure, rules: { ...shut, ...rules } } as const }),
      onOutput: (text) => (printed += text),
    })
    opened.use(app)
    return { app, runId, printed: async () => (await app.closed, printed), soFar: () => printed }
  }
  return { directory, path, place, scope, display, sound, run }
}
