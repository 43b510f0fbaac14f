import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  describeMove,
  describeReason,
  describeSeen,
  describeStanding,
  describeTaken,
  describeWay,
} from './describe-path.ts'

test('describeSeen tells what sort of address it is, and where', () => {
  for (const [remote, words] of [
    ['relay 203.0.113.1:50000', '203.0.113.1:50000, an address of the relay on the Internet'],
    ['prflx 172.20.0.3:4000', '172.20.0.3:4000, the address of its router in a private network'],
    ['host [fd00::1]:4000', '[fd00::1]:4000, its own address in a private network'],
    ['direct 127.0.0.1:47900', '127.0.0.1:47900 on this machine'],
    ['udp [::ffff:192.168.1.5]:4000', '[::ffff:192.168.1.5]:4000 in a private network'],
    ['172.32.0.1:4000', '172.32.0.1:4000 on the Internet'],
    ['somewhere', 'somewhere'],
  ] as const) {
    assert.equal(describeSeen(remote), words)
  }
})

test('a path of the native transport is told with the one that it goes by, why, and every move', () => {
  const direct = { kind: 'direct', reason: 'first', remote: 'direct 192.0.2.1:5000' } as const
  const relay = { ...direct, kind: 'relayed', reason: 'moved' } as const
  const native = (host: typeof direct | typeof relay | undefined) => ({ kind: 'native', why: 'only', host }) as const
  assert.equal(describeWay(native(undefined)), 'native')
  assert.equal(describeWay(native(relay)), 'native, relayed')
  assert.match(describeReason(native(direct)), /porchlight view/)
  assert.equal(describeMove(native(direct)), undefined)
  assert.equal(describeMove(native(relay)), 'Path native, relayed: the network has changed')
  const why = 'relay 192.0.2.9:3478, 19 ms (the direct path is dead)'
  const told = { ...native(undefined), host: { ...relay, why } }
  assert.equal(describeReason(told), why)
  assert.equal(describeMove(told), `Path native, relayed: ${why}`)
  const all = `${why}; web port https://host.test, 30 ms, kept warm; direct 10.0.0.2:5000, no answer; direct [2001:db8::1]:5000, no answer`
  const short = describeReason({ ...native(undefined), host: { ...relay, why: all } })
  assert.equal(short, `${why}; web port https://host.test, 30 ms, kept warm`)
  assert.match(describeReason({ kind: 'relayed', why: 'udp-works', host: undefined }), /TURN/)
})

test('describeTaken names the relay, how it is spoken to and how long it takes, as far as that is known', () => {
  const relayed = { kind: 'relayed', host: undefined, paths: undefined, roundTripMs: 19.2 } as const
  assert.equal(
    describeTaken({ ...relayed, relay: { host: 'turn.example', protocol: 'udp' } }),
    'relay turn.example, UDP, 19 ms',
  )
  assert.equal(describeTaken({ ...relayed, relay: { host: undefined, protocol: 'tcp' } }), 'relay, TCP, 19 ms')
  assert.equal(describeTaken({ ...relayed, roundTripMs: undefined, relay: undefined }), 'relayed')
  const host = { kind: 'relayed', reason: 'moved', remote: 'relay 192.0.2.9:3478' } as const
  const paths = [{ name: 'relay 192.0.2.9:3478', state: 'taken' }] as const
  assert.equal(
    describeTaken({ kind: 'native', host, paths, relay: undefined, roundTripMs: 19.2 }),
    'native, relay 192.0.2.9:3478, 19 ms',
  )
})

test('why a path is taken is told without the others, which are told each with its state', () => {
  const host = {
    kind: 'direct',
    reason: 'moved',
    remote: 'direct 192.0.2.1:5000',
    why: 'direct 192.0.2.1:5000, 4 ms; relay 192.0.2.9:3478, 19 ms, kept warm',
    because: 'it is preferred and works again',
  } as const
  assert.equal(describeReason({ kind: 'native', why: 'only', host }), 'it is preferred and works again')
  assert.equal(
    describeStanding({ name: 'relay', state: 'warm', roundTripMs: 19, lossRatio: 0.1 }),
    'kept warm, 19 ms, loses 10 %',
  )
  assert.equal(describeStanding({ name: 'direct', state: 'untried' }), 'no answer yet')
})
