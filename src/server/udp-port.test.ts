import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { ServerError } from './contract/server-error.ts'
import { findUdpPort } from './udp-port.ts'

test('findUdpPort refuses a port that is taken and names the flag', async (t) => {
  const other = createSocket('udp4')
  t.after(() => other.close())
  other.bind(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address()
  await assert.rejects(
    findUdpPort({ port, host: '127.0.0.1', anyElse: false }),
    (error) => error instanceof ServerError && error.code === 'port-in-use' && /--udp-port/.test(error.message),
  )
  const found = await findUdpPort({ port, host: '127.0.0.1', anyElse: true })
  assert.ok(found > 0 && found !== port)
  assert.equal(await findUdpPort({ port: found, host: '127.0.0.1', anyElse: false }), found)
})
