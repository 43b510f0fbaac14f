import assert from 'node:assert/strict'
import { readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { linkAuthority } from './home-authority.ts'

test('linkAuthority leads to the cookie of the newest display, and leaves a file of the app alone', async (t) => {
  const home = temporaryDirectory(t)
  const link = join(home, '.Xauthority')
  await linkAuthority(home, '/run/one')
  await linkAuthority(home, '/run/two')
  assert.equal(await readlink(link), '/run/two')
  const other = temporaryDirectory(t)
  await writeFile(join(other, '.Xauthority'), 'own')
  await linkAuthority(other, '/run/two')
  assert.equal(await readFile(join(other, '.Xauthority'), 'utf8'), 'own')
})
