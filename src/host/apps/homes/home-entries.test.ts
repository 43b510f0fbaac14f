import assert from 'node:assert/strict'
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { copyBelow, directoryBelow } from './home-entries.ts'

async function openHome(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'home-entries-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const home = join(directory, 'home')
  await mkdir(home)
  if (process.getuid?.() === 0) await chown(home, 4321, 4321)
  return { directory, home, owner: (await stat(home)).uid }
}

test('directoryBelow makes directories for whoever the home belongs to', async (t) => {
  const { home, owner } = await openHome(t)
  assert.equal(await directoryBelow(home, 'a/./b'), join(home, 'a/b'))
  assert.equal(await directoryBelow(home, 'a/b'), join(home, 'a/b'))
  for (const name of ['a', 'a/b']) assert.equal((await stat(join(home, name))).uid, owner)
})

test('directoryBelow follows no link that the app has put on the way', async (t) => {
  const { directory, home } = await openHome(t)
  const outside = join(directory, 'outside')
  await mkdir(outside)
  await symlink(outside, join(home, 'a'))
  assert.equal(await directoryBelow(home, 'a/b'), undefined)
  assert.deepEqual(await readdir(outside), [])
})

test('copyBelow puts a file in the place of what is there, and writes through no link', async (t) => {
  const { directory, home, owner } = await openHome(t)
  await writeFile(join(directory, 'new'), 'new')
  await writeFile(join(directory, 'outside'), 'outside')
  await symlink(join(directory, 'outside'), join(home, 'file'))
  await copyBelow(home, { from: join(directory, 'new'), directory: home, name: 'file' })
  assert.equal(await readFile(join(home, 'file'), 'utf8'), 'new')
  assert.equal((await stat(join(home, 'file'))).uid, owner)
  assert.equal(await readFile(join(directory, 'outside'), 'utf8'), 'outside')
})
