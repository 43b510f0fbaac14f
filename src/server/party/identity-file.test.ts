import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../kernel/log.ts'
import { defaultLimits } from '../../party/contract/registry-limits.ts'
import { OwnIdentity } from '../../party/manager/own-identity.ts'
import { identityFile } from './identity-file.ts'

test('a member of the largest party is itself again after a restart, with the keys of all others', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'identity-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const before = new OwnIdentity(identityFile(directory), silentLog)
  const ids = Array.from({ length: defaultLimits.peersPerParty }, (_, index) => String(index).padStart(64, 'p'))
  const keys = Object.fromEntries(ids.map((id) => [id, Buffer.alloc(32).toString('base64')]))
  const party = { name: 'Friday', host_id: 'p', created_ms: 1, joined_ms: 1, admission: 'id', keys } as const
  before.setMembership({ id: 'friday', ...party })
  const after = new OwnIdentity(identityFile(directory), silentLog)
  assert.equal(after.peerId, before.peerId)
  assert.deepEqual(after.membership, { id: 'friday', ...party })
})
