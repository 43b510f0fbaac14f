import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObservedFact } from '../host/contract/stream-session.ts'
import { SessionPath } from './session-path.ts'
import type { WirePath } from './contract/viewer-wire.ts'

function follow() {
  const seen: string[] = []
  const observe = (observation: ObservedFact) => {
    if (observation.kind === 'path') seen.push(`${observation.path} ${observation.reason}`)
  }
  return { seen, path: new SessionPath({ observe }) }
}

const by = (path: WirePath['path']): WirePath => ({ path, local: 'here', remote: 'there' })
const [peer, web] = [{}, {}]

test('SessionPath tells the path that is left when the web port is let go, whichever began first', () => {
  for (const first of [peer, web]) {
    const { seen, path } = follow()
    for (const viewer of first === peer ? [peer, web] : [web, peer]) {
      path.carries(viewer, by(viewer === peer ? 'direct' : 'web-port'))
    }
    path.ended(web, true)
    path.ended(web, true)
    const before = first === peer ? ['direct first', 'web-port fallback'] : ['web-port first']
    assert.deepEqual(seen, [...before, 'direct better'])
  }
})

test('SessionPath goes over to the web port when WebRTC ends, and to another peer connection that takes its place', () => {
  const { seen, path } = follow()
  path.carries(peer, by('direct'))
  path.carries(web, by('web-port'))
  path.ended(peer)
  path.carries({}, by('relayed'))
  path.ended(web)
  assert.deepEqual(seen, ['direct first', 'web-port fallback', 'relayed lost'])
  const { seen: other, path: moving } = follow()
  moving.carries(peer, by('direct'))
  moving.carries(peer, by('relayed'))
  assert.deepEqual(other, ['direct first', 'relayed moved'])
})
