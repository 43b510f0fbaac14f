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

test('answer gives hashed files for ever and others only with a check', async (t) => {
  const files = build(t)
  const script = await files.answer('/assets/index-B1a2c3d4.js', new Headers())
  assert.equal(script?.headers.get('content-type'), 'text/javascript; charset=utf-8')
  assert.equal(script?.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  const icon = await files.answer('/icon.svg', new Headers())
  assert.equal(icon?.headers.get('content-type'), 'image/svg+xml')
  assert.equal(icon?.headers.get('cache-control'), 'no-cache')
})

test('answer says that nothing has changed when the tag is known', async (t) => {
  const files = build(t)
  const etag = (await files.answer('/icon.svg', new Headers()))?.headers.get('etag') as string
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await files.answer('/icon.svg', new Headers({ 'If-None-Match': known }))
    assert.equal(again?.status, 304)
    assert.equal(await again?.text(), '')
  }
  assert.equal((await files.answer('/icon.svg', new Headers({ 'If-None-Match': '"other"' })))?.status, 200)
})

test('answer gives the page for the addresses of pages alone', async (t) => {
  const files = build(t)
  for (const path of ['/', '/lobby', '/lobby/2b2f0c1e-7d5e', '/lobby/']) {
    const page = await files.answer(path, new Headers())
    assert.equal(await page?.text(), '<!doctype html>', path)
  }
  for (const path of ['/missing.js', '/assets/missing-12345678.js', '/favicon.ico', '/lobby/x.y', '/a//b']) {
    const answer = await files.answer(path, new Headers())
    assert.equal(answer, undefined, path)
  }
})

test('answer never leaves its directory', async (t) => {
  const files = build(t)
  const paths = ['/../secret.txt', '/assets/../../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/.env.txt']
  for (const path of [...paths, '/..\\secret.txt', '//secret.txt', '/icon.svg\0.txt', '/etc/passwd.txt', '/...txt']) {
    assert.equal(await files.answer(path, new Headers()), undefined, path)
  }
})

test('answer says how to build the page when it is missing', async () => {
  const missing = await new StaticFiles('/nonexistent').answer('/', new Headers())
  assert.equal(missing?.status, 503)
  assert.match((await missing?.text()) ?? '', /npm run build/)
})
