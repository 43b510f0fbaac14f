import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { whyNoSockets } from './socket-directory.ts'

test('whyNoSockets has nothing to say where there is a place for sockets, or one can be made', async (t) => {
  const directory = temporaryDirectory(t)
  assert.equal(await whyNoSockets(), undefined)
  assert.equal(await whyNoSockets(join(directory, 'new'), directory), undefined)
})

test('whyNoSockets names what is in the way', async (t) => {
  const directory = temporaryDirectory(t)
  const file = join(directory, 'file')
  await writeFile(file, '')
  assert.match((await whyNoSockets(file)) ?? '', /is no directory: remove it$/)
  assert.match((await whyNoSockets(join(directory, 'a'), join(directory, 'b'))) ?? '', /ENOENT/)
})

test('where the place for sockets is read-only a display says so at once, and so does every app that needs one', async (t) => {
  const look = `
    import { tmpdir } from 'node:os'
    const [{ openDisplay }, { displayServer, whyUnavailable }, { systemClock: clock }, { silentLog: log }] = await Promise.all(
      ['host/display/open-display', 'host/apps/definition/requirement', 'kernel/clock', 'kernel/log'].map((name) =>
        import(${JSON.stringify(new URL('../../', import.meta.url).href)} + name + '.ts'),
      ),
    )
    const size = { width: 640, height: 480 }
    const runtimeDirectory = process.argv[1]
    const beganMs = performance.now()
    const failure = await openDisplay({ runtimeDirectory, size, layout: 'us', log, clock }).catch((error) => error)
    const tookMs = performance.now() - beganMs
    const app = await whyUnavailable([displayServer], async (name) => name)
    console.log(JSON.stringify({ code: failure.code, message: failure.message, tookMs, app }))
  `
  const mounted = 'mkdir -p /tmp/.X11-unix && mount -t tmpfs -o ro none /tmp/.X11-unix && exec "$@"'
  const { stdout } = await promisify(execFile)('unshare', [
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    mounted,
    'sh',
    process.execPath,
    '--input-type=module',
    '--eval',
    look,
    temporaryDirectory(t),
  ])
  const told = JSON.parse(stdout) as { code: string; message: string; tookMs: number; app: string }
  assert.equal(told.code, 'server-did-not-start')
  for (const text of [told.message, told.app]) assert.match(text, /\/tmp\/\.X11-unix, and it is mounted read-only/)
  assert.ok(told.tookMs < 2000, `${told.tookMs} ms`)
})
