import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Observation } from '../host/contract/stream-session.ts'
import { SessionPath, type ViewerPath } from './session-path.ts'

function follow() {
  const seen: string[] = []
  const observe = (observation: Observation) => {
    if (observation.kind === 'path') seen.push(observation.path)
  }
  return { seen, path: new SessionPath({ observe }) }
}

const by = (path: ViewerPath['path']): ViewerPath => ({ path, local: 'here', remote: 'there' })
const [peer, web] = [{}, {}]

test('SessionPath tells the path that is left when the web port is let go, whichever began first', () => {
  for (const first of [peer, web]) {
    const { seen, path } = follow()
    for (const viewer of first === peer ? [peer, web] : [web, peer]) {
      path.carries(viewer, by(viewer === peer ? 'direct' : 'web-port'))
    }
    path.ended(web)
    path.ended(web)
    assert.equal(seen.at(-1), 'direct')
    assert.deepEqual(seen, first === peer ? ['direct', 'web-port', 'direct'] : ['web-port', 'direct'])
  }
})

test('SessionPath goes over to the web port when WebRTC ends, and to another peer connection that takes its place', () => {
  const { seen, path } = follow()
  path.carries(peer, by('direct'))
  path.carries(web, by('web-port'))
  path.ended(peer)
  path.carries({}, by('relayed'))
  path.ended(web)
  assert.deepEqual(seen, ['direct', 'web-port', 'relayed'])
})
