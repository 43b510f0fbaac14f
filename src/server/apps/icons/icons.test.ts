import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { maxIconBytes } from '../../../wire/api/icon-reference.ts'
import { iconOfFile } from './app-icon.ts'
import { iconOfDefinition } from './find-icon.ts'
import { dataDirectoriesOf, InstalledIcons } from './installed-icons.ts'

test('InstalledIcons finds the icon of a program by its desktop entry, the plain one first, the sharpest picture', async (t) => {
  const data = temporaryDirectory(t)
  const put = (path: string, text = '<svg/>') => {
    mkdirSync(dirname(join(data, path)), { recursive: true })
    writeFileSync(join(data, path), text)
    return join(data, path)
  }
  put(
    'applications/a.desktop',
    '[Desktop Entry]\nExec=/usr/bin/files %U\nIcon=org.example.files\n[Desktop Action x]\nIcon=no\n',
  )
  put('applications/b.desktop', '[Desktop Entry]\nIcon=preferences\nExec=files --preferences\n')
  put('applications/c.desktop', '[Desktop Entry]\nExec="/opt/game" --fullscreen\nIcon=/opt/game.svg\n')
  put('applications/broken.desktop', 'Icon=x\n')
  put('icons/hicolor/48x48/apps/org.example.files.png')
  const best = put('icons/hicolor/128x128/apps/org.example.files.png')
  const single = put('pixmaps/single.svg')
  const clock = new ManualClock()
  const installed = new InstalledIcons([data, join(data, 'none')], clock)
  assert.equal(await installed.fileOfProgram('/usr/local/bin/files'), best)
  assert.equal(await installed.fileOfProgram('game'), '/opt/game.svg')
  assert.equal(await installed.fileOfProgram('single'), single)
  assert.equal(await installed.fileOfProgram('broken'), undefined)
  assert.equal(await installed.fileOf('../../etc/passwd'), undefined)

  const later = put('icons/hicolor/scalable/apps/later.svg')
  put('applications/d.desktop', '[Desktop Entry]\nExec=broken\nIcon=later\n')
  assert.equal(await installed.fileOfProgram('broken'), undefined, 'what was found just now is not looked for again')
  clock.advance(60_000)
  assert.equal(await installed.fileOfProgram('broken'), later)
  const icon = await iconOfDefinition({ command: ['broken'] }, installed)
  assert.equal((await icon?.read())?.type, 'image/svg+xml')
  assert.equal(await iconOfDefinition({ kind: 'test-pattern' }, installed), undefined)
})

test('an icon in a file is told only when it is a small picture of a known kind', async (t) => {
  const directory = temporaryDirectory(t)
  const at = (name: string, content: string | Buffer) => {
    writeFileSync(join(directory, name), content)
    return join(directory, name)
  }
  const read = async (file: string) => (await (await iconOfFile(file))?.read())?.type
  assert.equal(
    await read(at('a.txt', '\uFEFF<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg/>')),
    'image/svg+xml',
  )
  assert.equal(await read(at('b.svg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]))), 'image/jpeg')
  assert.equal(await read(at('c.png', Buffer.from('RIFF0000WEBPVP8 '))), 'image/webp')
  const replaced = at('was-a-picture.svg', '<svg/>')
  const looked = await iconOfFile(replaced)
  rmSync(replaced)
  execFileSync('mkfifo', [replaced])
  assert.equal(await looked?.read(), undefined, 'a pipe by now')
  assert.equal(await read(at('d.png', '<html><svg/></html>')), undefined)
  assert.equal(await read(at('e.png', '')), undefined)
  assert.equal(await read(at('f.svg', `<svg>${' '.repeat(maxIconBytes)}`)), undefined)
  assert.equal(await read(directory), undefined)
  assert.equal(await read(join(directory, 'none')), undefined)

  const file = at('g.svg', '<svg/>')
  const icon = await iconOfFile(file)
  writeFileSync(file, `<svg>${' '.repeat(maxIconBytes)}`)
  assert.equal(await icon?.read(), undefined, 'also when it has grown since')
})

test('dataDirectoriesOf has the usual places unless there are others', () => {
  assert.deepEqual(dataDirectoriesOf({}), ['/usr/local/share', '/usr/share'])
  assert.deepEqual(dataDirectoriesOf({ XDG_DATA_DIRS: '/a:relative:/b' }), ['/a', '/b'])
})
