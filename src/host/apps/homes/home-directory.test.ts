import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ensureHome } from './home-directory.ts'

async function directoryFor(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-home-'))
  t.after(() => rm(directory, { recursive: true }))
  await mkdir(join(directory, 'skeleton'))
  await writeFile(join(directory, 'skeleton', '.bashrc'), 'new')
  return directory
}

test('ensureHome makes a private home with the skeleton in it', async (t) => {
  const directory = await directoryFor(t)
  const home = join(directory, 'homes', 'desktop')
  await symlink('.bashrc', join(directory, 'skeleton', 'link'))
  execFileSync('mkfifo', [join(directory, 'skeleton', 'pipe')])
  await ensureHome(home, join(directory, 'skeleton'))
  assert.equal(await readFile(join(home, '.bashrc'), 'utf8'), 'new')
  assert.deepEqual((await readdir(home)).toSorted(), ['.bashrc', 'link'])
  assert.equal((await stat(home)).mode & 0o777, 0o700)
})

test('ensureHome leaves a home that exists as it is', async (t) => {
  const directory = await directoryFor(t)
  const home = join(directory, 'home')
  await mkdir(home)
  await ensureHome(home, join(directory, 'skeleton'))
  assert.deepEqual(await readdir(home), [])
})

test('ensureHome does without a skeleton', async (t) => {
  const directory = await directoryFor(t)
  await ensureHome(join(directory, 'home'), join(directory, 'nowhere'))
  assert.deepEqual(await readdir(join(directory, 'home')), [])
})
