import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { withSetupLock } from '../../scripts/setup/setup-lock.mjs'

describe('withSetupLock', () => {
  let scratch = ''
  let directory = ''
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'porchlight-lock-'))
    directory = join(scratch, 'state', 'setup.lock')
  })
  afterEach(() => rmSync(scratch, { recursive: true, force: true }))

  it('lets one in after the other when many come at once', async () => {
    let inside = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
    }
    await Promise.all(Array.from({ length: 8 }, () => withSetupLock({ directory, pollMs: 1 }, work)))
    assert.equal(most, 1)
  })

  it('releases when the work fails', async () => {
    const work = () => Promise.reject(new Error('no network'))
    await assert.rejects(withSetupLock({ directory }, work), /no network/)
    assert.equal(existsSync(directory), false)
  })

  it('takes over when the owner has died and its process id was given to another', async () => {
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'owner'), `${process.pid} 1`)
    assert.equal(await withSetupLock({ directory, pollMs: 1 }, () => 'ours'), 'ours')
  })

  it('tells whom it waits for, once', async () => {
    const owners: string[] = []
    await withSetupLock({ directory }, async () => {
      const second = withSetupLock({ directory, pollMs: 1, onWait: (owner) => owners.push(owner) }, () => undefined)
      setImmediate(() => rmSync(directory, { recursive: true }))
      await second
    })
    assert.deepEqual(owners, [String(process.pid)])
  })
})
