import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findExecutable } from './find-executable.ts'

describe('findExecutable', () => {
  let directory: string

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'find-executable-'))
    await mkdir(join(directory, 'first', 'program'), { recursive: true })
    await mkdir(join(directory, 'second'))
    await writeFile(join(directory, 'second', 'program'), '')
    await writeFile(join(directory, 'second', 'data'), '')
    await chmod(join(directory, 'second', 'program'), 0o755)
  })
  after(() => rm(directory, { recursive: true }))

  const find = (name: string) => findExecutable(name, `${directory}/first::${directory}/second`)

  it('takes the first program of the path, and no directory of that name', async () => {
    assert.equal(await find('program'), join(directory, 'second', 'program'))
  })

  it('takes a path as it is', async () => {
    assert.equal(await find(join(directory, 'second', 'program')), join(directory, 'second', 'program'))
  })

  it('finds nothing when the name is unknown or cannot be executed', async () => {
    assert.equal(await find('data'), undefined)
    assert.equal(await find('no-such-program'), undefined)
    assert.equal(await find(join(directory, 'first', 'program')), undefined)
  })
})
