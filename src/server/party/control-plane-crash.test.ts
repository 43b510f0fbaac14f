import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killControlPlane } from '../../../test/support/killed-control-plane.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'

test('what a control plane has acknowledged is there after it was killed, and nothing half-written', async (t) => {
  const report = await killControlPlane({
    directory: temporaryDirectory(t),
    kills: 3,
    clients: 6,
    random: Math.random,
  })
  assert.deepEqual(report.faults, [])
  assert.ok(report.acknowledged > 3 * 6)
})
