import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { homeOf, prepareHomes } from './homes.ts'

function dataDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-homes-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

function putOldHomes(data: string): void {
  for (const app of ['desktop', 'default']) {
    mkdirSync(join(data, 'homes', app, 'default'), { recursive: true })
    writeFileSync(join(data, 'homes', app, 'saved'), app)
  }
}

const saved = (data: string, app: string) => readFileSync(join(homeOf(data, app, 'default'), 'saved'), 'utf8')

test('prepareHomes makes the one home of each app its profile default, once', async (t) => {
  const data = dataDirectory(t)
  putOldHomes(data)
  for (let start = 0; start < 3; start++) await prepareHomes(data)
  assert.equal(saved(data, 'desktop'), 'desktop')
  assert.equal(saved(data, 'default'), 'default')
  assert.deepEqual(readdirSync(homeOf(data, 'desktop', 'default')).toSorted(), ['default', 'saved'])
  assert.deepEqual(readdirSync(data), ['homes'])
})

test('prepareHomes begins with nothing and leaves new homes alone', async (t) => {
  const data = dataDirectory(t)
  await prepareHomes(data)
  mkdirSync(homeOf(data, 'desktop', 'work'), { recursive: true })
  await prepareHomes(data)
  assert.deepEqual(readdirSync(join(data, 'homes', 'desktop')), ['work'])
})

test('prepareHomes goes on where it was interrupted', async (t) => {
  const data = dataDirectory(t)
  putOldHomes(data)
  const [homes, before] = [join(data, 'homes'), join(data, 'homes-before-profiles')]
  renameSync(homes, before)
  mkdirSync(join(homes, 'desktop'), { recursive: true })
  renameSync(join(before, 'desktop'), homeOf(data, 'desktop', 'default'))
  await prepareHomes(data)
  assert.equal(saved(data, 'desktop'), 'desktop')
  assert.equal(saved(data, 'default'), 'default')
})
