import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSample } from './read-sample.ts'

const remote = (id: string, address: string, candidateType = 'host') => ({
  id,
  type: 'remote-candidate',
  address,
  port: 5000,
  candidateType,
})
const local = (id: string, candidateType: string, more = {}) => ({
  id,
  type: 'local-candidate',
  candidateType,
  ...more,
})
const pair = (id: string, [own, other]: readonly [string, string], more = {}) => ({
  id,
  type: 'candidate-pair',
  localCandidateId: own,
  remoteCandidateId: other,
  ...more,
})
const reportOf = (...stats: readonly { readonly id: string }[]) =>
  new Map(stats.map((each) => [each.id, each])) as never

test('readSample names the TURN server by which a peer connection goes, and how it is spoken to', () => {
  for (const [url, host] of [
    ['turn:turn.example:3478?transport=udp', 'turn.example'],
    ['turns:[2001:db8::1]:5349', '[2001:db8::1]'],
    [undefined, undefined],
  ] as const) {
    const { path, relay } = readSample(
      reportOf(
        local('own', 'relay', { url, relayProtocol: 'tcp' }),
        remote('other', '192.0.2.1'),
        pair('p', ['own', 'other'], { nominated: true, state: 'succeeded' }),
      ),
    )
    assert.equal(path, 'relayed')
    assert.deepEqual(relay, { host, protocol: 'tcp' })
  }
})

test('readSample tells every address that was tried once, by the best of its pairs', () => {
  const { path, relay, paths } = readSample(
    reportOf(
      { id: 't', type: 'transport', selectedCandidatePairId: 'now' } as never,
      local('own', 'host'),
      local('turn', 'relay', { url: 'turn:turn.example', relayProtocol: 'udp' }),
      remote('a', '192.0.2.1'),
      remote('b', '2001:db8::1', 'srflx'),
      remote('c', '10.0.0.1'),
      remote('hidden', ''),
      // Nominated once, and left since.
      pair('before', ['turn', 'a'], { nominated: true, state: 'succeeded', currentRoundTripTime: 0.019 }),
      pair('now', ['own', 'a'], { nominated: true, state: 'succeeded', currentRoundTripTime: 0.004 }),
      pair('p3', ['own', 'b'], { state: 'in-progress' }),
      pair('p4', ['own', 'c'], { state: 'failed' }),
      pair('p5', ['turn', 'c'], { state: 'failed' }),
      pair('p6', ['own', 'hidden'], { state: 'failed' }),
    ),
  )
  assert.equal(path, 'direct')
  assert.equal(relay, undefined)
  assert.deepEqual(paths, [
    { name: 'direct 192.0.2.1:5000', state: 'taken', roundTripMs: 4 },
    { name: 'relay turn.example, UDP', state: 'warm', roundTripMs: 19 },
    { name: 'direct [2001:db8::1]:5000', state: 'untried' },
    { name: 'direct 10.0.0.1:5000', state: 'dead' },
  ])
})
