import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { openedPorts, portShares, tellOpened, tellShare } from './config-ports.ts'

test('ports that are shared and opened are written as they are read, whatever members are called', () => {
  const shares = [
    { protocol: 'tcp', port: 25_565, host: '127.0.0.1', hostPort: 25_565 },
    { protocol: 'tcp', port: 8000, host: '192.168.1.5', hostPort: 80 },
    { protocol: 'udp', port: 27_960, host: '::1', hostPort: 27_961, members: ['a,b', 'c@d=e %', 'Ümit'] },
  ] as const
  assert.deepEqual(v.parse(portShares, shares.map(tellShare)), shares)
  assert.deepEqual(v.parse(portShares, shares.map(tellShare).join(' ')), shares)
  assert.deepEqual(shares.slice(0, 2).map(tellShare), ['tcp:25565', 'tcp:8000=192.168.1.5:80'])
  const opened = [
    { protocol: 'tcp', port: 25_565, memberId: 'ada', localPort: 25_565 },
    { protocol: 'udp', port: 1, memberId: 'a=b@c', localPort: 2 },
  ] as const
  assert.deepEqual(v.parse(openedPorts, opened.map(tellOpened)), opened)
  assert.equal(tellOpened(opened[0]), 'tcp:25565@ada')
})

test('what is no port, no member or too much is refused', () => {
  const wrong = ['', 'tcp', 'tcp:0', 'tcp:65536', 'icmp:1', 'tcp:1=:2', 'tcp:1=a b:2', 'tcp:1@', 'tcp:1@%', 'tcp:1@,']
  for (const text of wrong) assert.equal(v.is(portShares, [text]), false, text)
  for (const text of ['tcp:1', 'tcp:1@a,b', 'tcp:1@a=0', 'tcp:1@a=x', `tcp:1@${'a'.repeat(65)}`]) {
    assert.equal(v.is(openedPorts, [text]), false, text)
  }
  const many = Array.from({ length: 65 }, (_, at) => `tcp:${at + 1}`)
  assert.equal(v.is(portShares, many), false)
  assert.equal(v.is(portShares, many.slice(1)), true)
})
