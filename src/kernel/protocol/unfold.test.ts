import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endType, type LocalType } from './local-type.ts'
import { explore } from './points.ts'
import { nothing } from './schema.ts'
import { emptyScope, unfoldIfVarWithScope, unfoldMu } from './unfold.ts'

const send = (label: string, next: LocalType): LocalType => ({
  kind: 'send',
  to: 'b',
  branches: [{ label, payload: nothing, next }],
})
const mu = (name: string, body: LocalType) => ({ kind: 'mu', name, body }) as const
const again = (name: string) => ({ kind: 'var', name }) as const

const innerBody = send('inner', again('outer'))
const outerBody = send('outer', mu('inner', innerBody))
const nested = mu('outer', outerBody)

test('unfoldMu opens all loops in front and leaves everything else', () => {
  const opened = unfoldMu({ local: mu('x', mu('y', innerBody)), scope: emptyScope })
  assert.equal(opened.local, innerBody)
  assert.deepEqual([...opened.scope.keys()], ['x', 'y'])
  assert.equal(unfoldMu({ local: endType, scope: emptyScope }).local, endType)
})

test('unfoldIfVarWithScope resolves an outer name inside an inner loop to the outer body and closes the inner loop', () => {
  const outer = unfoldMu({ local: nested, scope: emptyScope })
  const inner = unfoldMu({ local: mu('inner', innerBody), scope: outer.scope })
  assert.deepEqual([...inner.scope.keys()], ['outer', 'inner'])
  const resolved = unfoldIfVarWithScope({ local: again('outer'), scope: inner.scope })
  assert.equal(resolved.local, outerBody)
  assert.deepEqual([...resolved.scope.keys()], ['outer'])
})

test('unfoldIfVarWithScope leaves a name that nobody bound', () => {
  assert.deepEqual(unfoldIfVarWithScope({ local: again('free'), scope: emptyScope }).local, again('free'))
})

test('unfoldIfVarWithScope gives up on a loop in which nothing is said', () => {
  for (const empty of [mu('x', again('x')), mu('x', mu('y', again('x')))]) {
    assert.equal(unfoldIfVarWithScope({ local: empty, scope: emptyScope }).local.kind, 'var')
    assert.throws(() => explore(empty), /begins again before anything is said/)
  }
  assert.throws(() => explore(again('free')), /is not around it/)
})

test('unfoldIfVarWithScope resolves a name to the loop it stands in, whatever loop of that name was opened since', () => {
  const choose = (next: Record<string, LocalType>): LocalType => ({
    kind: 'send',
    to: 'b',
    branches: Object.entries(next).map(([label, then]) => ({ label, payload: nothing, next: then })),
  })
  const hidden = mu('x', choose({ back: again('y') }))
  const y = mu('y', choose({ into: hidden, up: again('x') }))
  const x = mu('x', choose({ down: y }))
  const labels = (number: number) => explore(x)[number]?.ways.map((way) => `${way.label} ${way.to}`)
  assert.deepEqual([0, 1, 2].map(labels), [['down 1'], ['into 2', 'up 0'], ['back 1']])
})
