import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { KnownHosts } from '../../net/identity/known-hosts.ts'
import { NativeError } from '../../net/native/native-error.ts'
import { ViewError, type ViewErrorCode } from '../contract/view-error.ts'
import { Connector } from './connector.ts'
import type { Peer } from './own-end.ts'

const key = new Uint8Array(32).fill(7)
const link = { host: 'host.test', port: 47_900, key, invitation: undefined }

/** A link to a host that cannot be reached, for this reason. */
function toHostThatIs(code: NativeError['code'], pinned?: Uint8Array) {
  const dialled: (Peer['key'] | 'anybody')[] = []
  let known = new KnownHosts()
  if (pinned) known = known.pin({ name: 'host.test:47900', key: pinned, pinnedMs: 0 })
  const connector = new Connector({
    link,
    end: {
      dial(peer) {
        dialled.push(peer.key ?? 'anybody')
        return Promise.reject(new NativeError(peer.key ? code : 'unreachable', 'as scripted'))
      },
      closed: new Promise(() => {}),
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    files: { knownHosts: () => known, changeKnownHosts: (change) => void (known = change(known)) },
    introduction: { name: 'Ada', device: 'Attic', pin: () => assert.fail('nobody asked for a PIN') },
    clock: new ManualClock(),
  })
  return { dialled, came: connector.connect('session', () => {}) }
}

test('Connector says of every host that it cannot reach why, and what can be done', async () => {
  const cases: readonly (readonly [NativeError['code'], ViewErrorCode, RegExp])[] = [
    [
      'unreachable',
      'unreachable',
      /host\.test:47900: nobody answers there\. Is Porchlight running, and is the UDP port/,
    ],
    ['version', 'version', /another version of the transport; use the same version of Porchlight at both ends/],
    ['busy', 'busy', /no room for one more; try again later/],
    ['closed', 'busy', /lets nobody in for now; try again later/],
    [
      'key-required',
      'other-key',
      /does not answer to the key that the link tells; ask whoever sent the link for a new one/,
    ],
    ['not-authentic', 'other-key', /has not the key that the link tells; ask whoever sent the link for a new one/],
  ]
  for (const [code, expected, words] of cases) {
    await assert.rejects(toHostThatIs(code).came, (error) => {
      assert.ok(error instanceof ViewError)
      assert.equal(error.code, expected)
      assert.match(error.message, words)
      return true
    })
  }
})

test('Connector goes to no host that had another key before, and asks who it is where nobody answers', async () => {
  const changed = toHostThatIs('unreachable', new Uint8Array(32).fill(8))
  await assert.rejects(changed.came, (error) => error instanceof ViewError && error.code === 'other-key')
  assert.deepEqual(changed.dialled, [])
  const silent = toHostThatIs('unreachable', key)
  await assert.rejects(silent.came, (error) => error instanceof ViewError && error.code === 'unreachable')
  assert.deepEqual(silent.dialled, [key, 'anybody'])
})
