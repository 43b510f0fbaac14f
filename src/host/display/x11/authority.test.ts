import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { encodeAuthority, writeAuthority } from './authority.ts'

describe('encodeAuthority', () => {
  it('writes one entry that holds for every address and display', () => {
    assert.equal(
      Buffer.from(encodeAuthority(new Uint8Array(16).fill(0xab))).toString('hex'),
      ['ffff', '0000', '0000', '0012', Buffer.from('MIT-MAGIC-COOKIE-1').toString('hex'), '0010', 'ab'.repeat(16)].join(
        '',
      ),
    )
  })
})

describe('writeAuthority', () => {
  it('lets only its owner read the file, and never writes over another one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'authority-'))
    try {
      const file = join(directory, 'authority')
      await writeAuthority(file, new Uint8Array(16))
      assert.equal((await stat(file)).mode & 0o777, 0o600)
      await assert.rejects(writeAuthority(file, new Uint8Array(16)), { code: 'EEXIST' })
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
