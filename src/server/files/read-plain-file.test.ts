import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { FileError, loadPlainFile, readPlainFile } from './read-plain-file.ts'

test('a plain file is read, also behind a link, up to so many bytes', async (t) => {
  const directory = temporaryDirectory(t)
  const file = join(directory, 'file')
  writeFileSync(file, 'ä'.repeat(50))
  symlinkSync(file, join(directory, 'link'))
  for (const path of [file, join(directory, 'link')]) {
    assert.equal(readPlainFile(path, 100), 'ä'.repeat(50))
    assert.equal((await loadPlainFile(path, 100)).length, 100)
    assert.throws(() => readPlainFile(path, 99), new FileError('too-long', 'it has more than 99 bytes'))
    await assert.rejects(loadPlainFile(path, 99), new FileError('too-long', 'it has more than 99 bytes'))
  }
  await assert.rejects(loadPlainFile(join(directory, 'none'), 99), { code: 'ENOENT' })
  // A file may say that it is empty and is not.
  assert.throws(() => readPlainFile('/proc/self/environ', 3), { code: 'too-long' })
})

test('what is no plain file is refused at once: a pipe is not waited for and a device not read', async (t) => {
  const directory = temporaryDirectory(t)
  const at = (name: string) => join(directory, name)
  execFileSync('mkfifo', [at('pipe')])
  symlinkSync(at('pipe'), at('link to a pipe'))
  for (const device of ['zero', 'null', 'full', 'random', 'tty']) symlinkSync(`/dev/${device}`, at(device))
  mkdirSync(at('directory'))
  symlinkSync(at('loop'), at('loop'))
  const server = createServer().listen(at('socket'))
  await once(server, 'listening')
  t.after(() => server.close())
  const names = ['pipe', 'link to a pipe', 'zero', 'null', 'full', 'random', 'tty', 'directory', 'loop', 'socket']
  for (const name of names) {
    assert.throws(() => readPlainFile(at(name), 99), name)
    await assert.rejects(loadPlainFile(at(name), 99), name)
  }
  assert.throws(() => readPlainFile(at('pipe'), 99), { code: 'not-plain', message: 'it is no plain file' })
  await assert.rejects(loadPlainFile(at('zero'), 99), { code: 'not-plain' })
  // More than there is memory for.
  writeFileSync(at('large'), '')
  truncateSync(at('large'), 2 ** 42)
  assert.throws(() => readPlainFile(at('large'), 99), { code: 'too-long' })
})
