import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePath, type PeerProgress, type WebProgress } from './path-choice.ts'

const peers: PeerProgress[] = ['none', 'opening', 'open', 'shows']
const webs: WebProgress[] = ['impossible', 'none', 'opening', 'shows']

test('choosePath never takes a path that shows nothing while one that does is there', () => {
  for (const peer of peers) {
    for (const web of webs) {
      const { carrier, wantsWeb } = choosePath(peer, web)
      if (peer === 'shows') assert.deepEqual([carrier, wantsWeb], ['peer', false])
      else if (web === 'shows') assert.deepEqual([carrier, wantsWeb], ['web-port', true])
      else if (web === 'impossible')
        assert.deepEqual([carrier, wantsWeb], [peer === 'open' ? 'peer' : undefined, false])
      else assert.deepEqual([carrier, wantsWeb], [undefined, true])
    }
  }
})
