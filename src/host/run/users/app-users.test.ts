import assert from 'node:assert/strict'
import { link, lchown, lstat, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { AppUsers } from './app-users.ts'

const isRoot = process.getuid?.() === 0
const range = { first: 1_900_000_000, count: 3 }

async function openHomes(t: TestContext, ...names: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'app-users-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const homes = names.map((name) => join(directory, 'homes', name))
  for (const home of homes) await mkdir(home, { recursive: true })
  return { directory, homes }
}

describe('AppUsers', { skip: !isRoot && 'only root can give files away' }, () => {
  it('gives each home a user of its own that it keeps, with all that is in it', async (t) => {
    const { homes } = await openHomes(t, 'a/default', 'a/other', 'b/default')
    const [one = '', other = '', third = ''] = homes
    await mkdir(join(one, 'deep'))
    await writeFile(join(one, 'deep/file'), 'text')
    const users = new AppUsers(range)
    const [first, second] = await Promise.all([users.take(one), users.take(other)])
    assert.deepEqual(
      [first.ids.uid, second.ids.uid].toSorted((a, b) => a - b),
      [range.first, range.first + 1],
    )
    assert.equal((await stat(join(one, 'deep/file'))).uid, first.ids.uid)
    first.release()
    assert.equal((await new AppUsers(range).take(one)).ids.uid, first.ids.uid, 'also after a restart')
    assert.notEqual((await users.take(third)).ids.uid, first.ids.uid, 'a home that waits keeps its user')
  })

  it('takes a home from a user of another host, and from one who has it already', async (t) => {
    const { homes } = await openHomes(t, 'a/default', 'b/default')
    const [one = '', copy = ''] = homes
    const users = new AppUsers(range)
    const { ids } = await users.take(one)
    await lchown(copy, ids.uid, ids.gid)
    assert.notEqual((await users.take(copy)).ids.uid, ids.uid)
    const elsewhere = await new AppUsers({ first: range.first + 100, count: 3 }).take(one)
    assert.equal((await stat(one)).uid, elsewhere.ids.uid)
    assert.equal(elsewhere.ids.uid, range.first + 100)
  })

  it('gives away neither what a link leads to nor what was never of the home', async (t) => {
    const { directory, homes } = await openHomes(t, 'a/default')
    const [home = ''] = homes
    const outside = join(directory, 'outside')
    await writeFile(outside, 'not yours')
    await symlink(outside, join(home, 'link'))
    const others = join(directory, 'others')
    await writeFile(others, 'not yours either')
    await lchown(others, 12_345, 12_345)
    await link(others, join(home, 'hard'))
    const { ids } = await new AppUsers(range).take(home)
    assert.equal((await stat(outside)).uid, 0)
    assert.equal((await lstat(join(home, 'link'))).uid, ids.uid)
    assert.equal((await stat(others)).uid, 12_345)
  })

  it('rejects when all of its users have a home', async (t) => {
    const { homes } = await openHomes(t, 'a/1', 'a/2', 'a/3', 'a/4')
    const users = new AppUsers(range)
    for (const home of homes.slice(0, 3)) (await users.take(home)).release()
    await assert.rejects(users.take(homes[3] ?? ''), /3 homes have one/)
  })
})
