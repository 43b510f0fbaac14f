import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { inContainerLikeNamespace, whyNoPidNamespace } from '../support/pid-namespace.ts'
import { withSetupLock } from '../../scripts/setup/setup-lock.mjs'

const noNamespace = await whyNoPidNamespace()

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

  it(
    'is not taken over by who cannot see its owner, unless that has given no sign of life',
    { skip: noNamespace },
    async () => {
      const inside = Promise.withResolvers<void>()
      const owner = withSetupLock({ directory }, () => inside.promise)
      const script = `
      const { withSetupLock } = await import('${import.meta.resolve('../../scripts/setup/setup-lock.mjs')}')
      await withSetupLock({ directory: process.argv[1], pollMs: 1, onWait: () => console.log('waits') }, () => console.log('in'))`
      const [program, ...words] = [...inContainerLikeNamespace, process.execPath, '-e', script, directory] as const
      const other = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
      const said = createInterface(other.stdout)[Symbol.asyncIterator]()
      assert.equal((await said.next()).value, 'waits')
      assert.ok(existsSync(join(directory, 'owner')))
      inside.resolve()
      await owner
      assert.equal((await said.next()).value, 'in')

      mkdirSync(directory, { recursive: true })
      writeFileSync(join(directory, 'owner'), `${process.pid} 1 elsewhere`)
      utimesSync(directory, 1, 1)
      assert.equal(await withSetupLock({ directory, pollMs: 1 }, () => 'ours'), 'ours')
    },
  )

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
