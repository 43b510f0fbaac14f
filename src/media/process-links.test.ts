import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnitInlets } from './contract/unit-inlets.ts'
import { ProcessLinks } from './process-links.ts'

test('a way to a viewer process that is closed in order is taken away before it is lost, and its loss is no news', () => {
  const inlets = new UnitInlets('/run')
  const [closed, killed] = [inlets.next(), inlets.next()]
  const sent: string[] = []
  const lost: number[] = []
  const links = new ProcessLinks(inlets, {
    send: ({ type, link }) => void sent.push(`${type} ${link}`),
    changed: (link) => void (link !== undefined && lost.push(link)),
  })
  for (const inlet of [closed, killed]) inlets.add(inlet)
  links.processUp()
  inlets.remove(closed)
  assert.deepEqual(sent, [`link ${closed.link}`, `link ${killed.link}`, `unlink ${closed.link}`])
  assert.equal(links.lost(closed.link), false)
  assert.equal(links.lost(killed.link), true)
  assert.equal(links.lost(killed.link), false)
  assert.deepEqual(lost, [killed.link])
  links.close()
})
