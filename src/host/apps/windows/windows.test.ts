import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { prepareWindows, usualWindowMode, whyNoWindows } from './windows.ts'

test('usualWindowMode is maximized, but for programs that bring a window manager and for what an image starts itself', () => {
  assert.equal(usualWindowMode(['/usr/bin/mousepad', 'file']), 'maximized')
  assert.equal(usualWindowMode(['mousepad', 'openbox']), 'maximized', 'that is a file')
  assert.equal(usualWindowMode(['sh', '-c', '(sleep 3; exec xterm) & exec twm -quiet']), 'none')
  assert.equal(usualWindowMode(['/usr/bin/env', 'A=1', 'dbus-run-session', '/usr/bin/startxfce4']), 'none')
  assert.equal(usualWindowMode(['bash', '-c', 'xterm -title twmlike']), 'maximized')
  assert.equal(usualWindowMode(['sh', 'openbox.sh']), 'maximized', 'a file is not read')
  assert.equal(usualWindowMode(['/usr/bin/openbox', '--startup', 'blender']), 'none')
  assert.equal(usualWindowMode(['startxfce4']), 'none')
  assert.equal(usualWindowMode(undefined), 'none')
})

test('prepareWindows writes a whole configuration with the theme it names, and for none only a pointer', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), `porchlight "windows" & 'more' `))
  t.after(() => rm(directory, { recursive: true }))
  for (const mode of ['maximized', 'floating'] as const) {
    const { command, env } = await prepareWindows(mode, { directory, home: directory })
    assert.deepEqual(command.slice(0, 2), ['openbox', '--config-file'])
    const config = await readFile(command[2] ?? '', 'utf8')
    assert.ok(!config.includes('{{'))
    assert.equal(config.includes('<maximized>yes'), mode === 'maximized')
    const [share = ''] = (env['XDG_DATA_DIRS'] ?? '').split(':')
    assert.match(await readFile(join(share, 'themes/Porchlight/openbox-3/themerc'), 'utf8'), /window/)
  }
  const { command } = await prepareWindows('none', { directory, home: directory })
  assert.equal(command[0], 'xsetroot')
})

test('whyNoWindows says what to install, and nothing where nothing is needed', async () => {
  const nowhere = async () => undefined
  assert.match((await whyNoWindows('maximized', nowhere)) ?? '', /apt-get install .*openbox x11-xserver-utils/)
  assert.equal(await whyNoWindows('none', nowhere), undefined)
  assert.equal(await whyNoWindows('floating', async (name) => `/usr/bin/${name}`), undefined)
})
