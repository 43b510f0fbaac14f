import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log.ts'
import { checkGateway } from './check-gateway.ts'
import { runControlPlane } from './party/run-control-plane.ts'

const plane = (isGateway: boolean) =>
  runControlPlane({
    dataDirectory: undefined,
    host: '127.0.0.1',
    port: 0,
    range: '10.66.0.0/16',
    isGateway,
    statusPort: 0,
    clock: systemClock,
    log: silentLog,
  })

test('checkGateway finds a control plane that takes hosts, and says why another one takes none', async () => {
  await using taking = await plane(true)
  const found = await checkGateway(taking.url, systemClock)
  assert.deepEqual([found.health, /answers in \d+ ms/.test(found.detail)], ['good', true], found.detail)
  await using refusing = await plane(false)
  const refused = await checkGateway(refusing.url, systemClock)
  assert.match(refused.detail, /refuses \(not-served\)/)
  const elsewhere = await checkGateway(`${taking.url}/nowhere`, systemClock)
  assert.match(elsewhere.detail, /There is nothing at this address/)
  const metrics = await (await fetch(taking.statusUrl ?? '')).text()
  assert.match(metrics, /^porchlight_hosts_registered 0$/m)
  const counted = await (await fetch(refusing.statusUrl ?? '')).text()
  assert.match(counted, /^porchlight_host_registrations_refused_total\{cause="not-served"\} 1$/m)
})

test('checkGateway says so where nobody listens', async () => {
  const { health, detail } = await checkGateway('http://127.0.0.1:1', systemClock)
  assert.deepEqual([health, detail.includes('ECONNREFUSED')], ['poor', true], detail)
})
