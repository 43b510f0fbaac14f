import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { StaticFiles } from './static-files.ts'

function build(t: TestContext): StaticFiles {
  const parent = mkdtempSync(join(tmpdir(), 'porchlight-web-'))
  t.after(() => rmSync(parent, { recursive: true }))
  const directory = join(parent, 'web')
  mkdirSync(join(directory, 'assets'), { recursive: true })
  writeFileSync(join(parent, 'secret.txt'), 'secret')
  writeFileSync(join(directory, '.env.txt'), 'secret')
  writeFileSync(join(directory, 'index.html'), '<!doctype html>')
  writeFileSync(join(directory, 'icon.svg'), '<svg/>')
  writeFileSync(join(directory, 'assets/index-B1a2c3d4.js'), 'export {}')
  return new StaticFiles(directory)
}

test('find gives hashed files for ever and others only with a check', async (t) => {
  const files = build(t)
  const script = await files.find('/assets/index-B1a2c3d4.js', new Headers())
  assert.equal(script?.headers['Content-Type'], 'text/javascript; charset=utf-8')
  assert.equal(script?.headers['Cache-Control'], 'public, max-age=31536000, immutable')
  const icon = await files.find('/icon.svg', new Headers())
  assert.equal(icon?.headers['Content-Type'], 'image/svg+xml')
  assert.equal(icon?.headers['Cache-Control'], 'no-cache')
})

test('find says that nothing has changed when the tag is known', async (t) => {
  const files = build(t)
  const etag = (await files.find('/icon.svg', new Headers()))?.headers['ETag'] as string
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await files.find('/icon.svg', new Headers({ 'If-None-Match': known }))
    assert.equal(again?.status, 304)
    assert.equal(again?.bytes.length, 0)
  }
  assert.equal((await files.find('/icon.svg', new Headers({ 'If-None-Match': '"other"' })))?.status, 200)
})

test('find gives the page for the addresses of pages alone', async (t) => {
  const files = build(t)
  for (const path of ['/', '/lobby', '/lobby/2b2f0c1e-7d5e', '/lobby/']) {
    const page = await files.find(path, new Headers())
    assert.equal(String(page?.bytes), '<!doctype html>', path)
  }
  for (const path of ['/missing.js', '/assets/missing-12345678.js', '/favicon.ico', '/lobby/x.y', '/a//b']) {
    const answer = await files.find(path, new Headers())
    assert.equal(answer, undefined, path)
  }
})

test('find never leaves its directory', async (t) => {
  const files = build(t)
  const paths = ['/../secret.txt', '/assets/../../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/.env.txt']
  for (const path of [...paths, '/..\\secret.txt', '//secret.txt', '/icon.svg\0.txt', '/etc/passwd.txt', '/...txt']) {
    assert.equal(await files.find(path, new Headers()), undefined, path)
  }
})

test('find says how to build the page when it is missing', async () => {
  const missing = await new StaticFiles('/nonexistent').find('/', new Headers())
  assert.equal(missing?.status, 503)
  assert.match(String(missing?.bytes), /npm run build/)
})
