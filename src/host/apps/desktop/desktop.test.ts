import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { desktopApp } from './desktop.ts'

test('prepare writes complete files, also where the path has spaces and quotes in it', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'porchlight-desktop-'))
  t.after(() => rm(parent, { recursive: true }))
  const directory = await mkdtemp(join(parent, `a "b" & 'c' `))
  const app = await desktopApp({ find: async (name) => `/usr/bin/${name}`, asRoot: false })
  assert.equal(app.unavailable, undefined)
  assert.ok(app.source.kind === 'display')
  const launch = await app.source.prepare({ directory, home: directory })

  const files = await readdir(directory, { recursive: true, withFileTypes: true })
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
  )
  assert.ok(texts.length > 10)
  for (const text of texts) assert.ok(!text.includes('{{'), text)

  const panel = await readFile(join(directory, 'tint2rc'), 'utf8')
  const launchers = [...panel.matchAll(/^launcher_item_app = (.*)$/gm)].map((match) => match[1] ?? '')
  assert.equal(launchers.length, 4)
  for (const file of launchers) {
    const icon = /^Icon=(.*)$/m.exec(await readFile(file, 'utf8'))?.[1] ?? ''
    assert.ok((await stat(icon)).isFile())
  }
  assert.match(await readFile(join(directory, 'rc.xml'), 'utf8'), /a &quot;b&quot; &amp; 'c' .*\/menu\.xml<\/file>/)
  assert.equal((launch.command ?? [])[0], 'openbox')
  assert.ok((await stat(launch.env['XENVIRONMENT'] ?? '')).isFile())
})

test('the start of the desktop ends with everything it began when there is no display (any more)', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-desktop-'))
  t.after(() => rm(directory, { recursive: true }))
  const app = await desktopApp({ find: async (name) => `/usr/bin/${name}`, asRoot: false })
  assert.ok(app.source.kind === 'display')
  await app.source.prepare({ directory, home: directory })

  const env = { PATH: process.env['PATH'] ?? '', DISPLAY: `unix:${directory}/gone` }
  const script = spawn('sh', [join(directory, 'start.sh')], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => endGroup(script.pid))
  for (const stream of [script.stdout, script.stderr]) stream.resume()
  // Whatever it left behind would hold its output open, and 'close' would not come.
  await once(script, 'close', { signal: AbortSignal.timeout(5000) })
})

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended, as it should.
  }
}

test('desktopApp says what is missing and still tells its title', async () => {
  const app = await desktopApp({ find: async () => undefined, asRoot: false })
  assert.equal(app.title, 'Desktop')
  assert.match(app.unavailable ?? '', /apt-get install .*openbox tint2 hsetroot xterm/)
})
