import assert from 'node:assert/strict'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { removeStaleLocks } from './stale-locks.ts'

test('removeStaleLocks lets browsers begin anew in a home of a killed run, a copied one or one of a renamed machine', async (t) => {
  const home = temporaryDirectory(t)
  const chromium = join(home, '.config/chromium')
  const firefox = join(home, '.mozilla/firefox/ab12.default-esr')
  const own = join(home, '.porchlight-firefox-esr')
  for (const directory of [chromium, firefox, own]) await mkdir(directory, { recursive: true })
  await writeFile(join(chromium, 'Local State'), '{}')
  await symlink('/tmp/org.chromium.Chromium.x/SingletonSocket', join(chromium, 'SingletonSocket'))
  await symlink('box-4711', join(chromium, 'SingletonLock'))
  for (const profile of [firefox, own]) {
    await writeFile(join(profile, 'prefs.js'), '')
    await symlink('127.0.1.1:+4711', join(profile, 'lock'))
    await writeFile(join(profile, '.parentlock'), '')
  }
  await removeStaleLocks(home)
  assert.deepEqual(await readdir(chromium), ['Local State'])
  assert.deepEqual([await readdir(firefox), await readdir(own)], [['prefs.js'], ['prefs.js']])
  await removeStaleLocks(join(home, 'nothing'))
})

test('removeStaleLocks knows those of other programs, and leaves everything else', async (t) => {
  const home = temporaryDirectory(t)
  const stale = [
    '.config/Code/code.lock',
    '.config/Code/SingletonLock',
    '.config/BraveSoftware/Brave-Browser/SingletonCookie',
    '.config/mozilla/firefox/ab12.default/.parentlock',
    '.config/libreoffice/4/.lock',
    '.config/libreoffice/4/user/.lock',
    '.config/JetBrains/IntelliJIdea2026.1/.lock',
    '.config/obs-studio/.sentinel/run_4711',
    '.steam/steam.pid',
    '.gnupg/pubring.db.lock',
    '.gnupg/.#lk0x55d1.box.4711',
    '.dbus/session-bus/4711-19',
    '.Xauthority-l',
    'Documents/.~lock.letter.odt#',
  ]
  const kept = [
    '.config/Code/Preferences',
    '.config/Code/User/settings.lock',
    '.gnupg/pubring.kbx',
    '.gnupg/private-keys-v1.d/key.lock',
    '.Xauthority',
    'Documents/letter.odt',
    'Documents/old/.~lock.letter.odt#',
    'SingletonLock',
  ]
  for (const path of [...stale, ...kept]) {
    await mkdir(dirname(join(home, path)), { recursive: true })
    await writeFile(join(home, path), '')
  }
  await removeStaleLocks(home)
  const left = await readdir(home, { recursive: true, withFileTypes: true })
  const files = left
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(home, join(parentPath, name)))
  assert.deepEqual(files.toSorted(), kept.toSorted())
})

test('removeStaleLocks follows no link that an app has put on the way', async (t) => {
  const [home, other] = [temporaryDirectory(t), temporaryDirectory(t)]
  await mkdir(join(other, 'firefox/default'), { recursive: true })
  await writeFile(join(other, 'firefox/default/lock'), 'mine')
  await symlink(other, join(home, '.mozilla'))
  await symlink(join(other, 'firefox/default'), join(home, '.porchlight-firefox-esr'))
  await removeStaleLocks(home)
  assert.deepEqual(await readdir(join(other, 'firefox/default')), ['lock'])
})
