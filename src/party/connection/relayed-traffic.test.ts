import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { PeerListener, PeerReach } from './peer-connections.ts'
import { RelayedTraffic } from './relayed-traffic.ts'

function open() {
  const clock = new ManualClock()
  const listeners: PeerListener[] = []
  const state: { reach: PeerReach[]; isUp: boolean } = { reach: [], isUp: true }
  const traffic = new RelayedTraffic(
    {
      send: () => state.isUp,
      listen: (listener) => {
        listeners.push(listener)
        return () => {}
      },
      get reach() {
        return state.reach
      },
    },
    clock,
  )
  const reach = (peerId: string, kind: 'direct' | 'relayed'): PeerReach => ({
    peerId,
    state: { name: 'connected', sinceMs: 0, kind, latencyMs: 5, attempt: 0 },
    explanation: '',
  })
  return { clock, listeners, state, traffic, reach }
}

const packet = new Uint8Array(100)

test('what goes by a relay is counted as long as a peer is reached by one, and forgotten with the peer', () => {
  const { clock, listeners, state, traffic, reach } = open()
  traffic.listen((peerId) => peerId !== 'for nobody')
  const receive = (peerId: string) => listeners.some((listener) => listener(peerId, packet))
  state.reach = [reach('ada', 'relayed'), reach('bob', 'direct'), reach('for nobody', 'relayed')]
  clock.advance(500)
  for (const peerId of ['ada', 'bob']) {
    traffic.send(peerId, packet)
    receive(peerId)
    receive(peerId)
  }
  receive('for nobody')
  assert.deepEqual(traffic.of('ada'), { sentBytes: 100, receivedBytes: 200 })
  assert.deepEqual(traffic.of('bob'), { sentBytes: 0, receivedBytes: 0 })
  assert.deepEqual(traffic.of('for nobody'), { sentBytes: 0, receivedBytes: 0 })
  state.isUp = false
  traffic.send('ada', packet)
  state.isUp = true
  state.reach = [reach('ada', 'direct')]
  clock.advance(500)
  traffic.send('ada', packet)
  assert.deepEqual(traffic.of('ada'), { sentBytes: 100, receivedBytes: 200 }, 'what was relayed stays told')
  state.reach = []
  clock.advance(500)
  assert.deepEqual(traffic.of('ada'), { sentBytes: 0, receivedBytes: 0 })
  traffic[Symbol.dispose]()
})
