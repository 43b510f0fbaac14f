import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ending } from './ending.ts'

test('Ending releases once however often it is closed, and all wait for the release', async () => {
  let releases = 0
  const gate = Promise.withResolvers<void>()
  const ending = new Ending(() => {
    releases++
    return gate.promise
  })
  let closed = 0
  const all = [ending.close('first'), ending.close('second'), ending.fail(new Error('late'))].map((p) =>
    p.then(() => closed++),
  )
  assert.equal(ending.begun, true)
  await Promise.resolve()
  assert.equal(closed, 0)
  gate.resolve()
  await Promise.all(all)
  assert.equal(releases, 1)
  assert.deepEqual(await ending.closed, { kind: 'clean', reason: 'first' })
})

test('Ending.close does not throw when the release fails, and closed tells the error', async () => {
  const ending = new Ending(() => Promise.reject(new Error('stuck')))
  await ending.close()
  const end = await ending.closed
  assert.equal(end.kind === 'error' && end.error.message, 'stuck')
})

test('Ending tells its release how it ends', async () => {
  const kinds: string[] = []
  await new Ending((end) => void kinds.push(end.kind)).fail(new Error('x'))
  await new Ending((end) => void kinds.push(end.kind)).close()
  assert.deepEqual(kinds, ['error', 'clean'])
})
