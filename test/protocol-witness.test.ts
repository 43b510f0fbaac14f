import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from './support/fast-check.ts'
import type { GlobalType } from '../src/kernel/protocol/global-type.ts'
import { follow, isOf, mayAct, opened } from './support/global-interpreter.ts'
import { refusedProtocol } from './support/wild-protocol.ts'

/** What a role does in front of a type: text that is equal where it is the same. Undefined where it is not its turn. */
function actionAt(global: GlobalType, role: string): string | undefined {
  const at = opened(global)
  if (at.kind !== 'interaction' || !mayAct(at, role)) return 'end'
  if (!isOf(at, role)) return undefined
  return at.from === role
    ? `send ${at.to} ${at.branches
        .map(({ label }) => label)
        .toSorted()
        .join()}`
    : `receive ${at.from}`
}

test('every protocol that is refused has a witness: two runs that look the same to a role which then cannot do right', () => {
  let loops = 0
  fc.assert(
    fc.property(refusedProtocol(), ({ global, error }) => {
      const { witness } = error
      assert.ok(witness, error.message)
      const { role, runs, again } = witness
      const own = (run: readonly string[]) => run.filter((each) => each.split(/->|:/).slice(0, 2).includes(role))
      assert.deepEqual(own(runs[0]), own(runs[1]))
      const [first, second] = runs.map((run) => follow(global, run)) as [GlobalType, GlobalType]
      if (again) {
        loops++
        assert.ok(again.length > 0 && own(again).length === 0)
        assert.match(actionAt(first, role) ?? '', /^send/)
        // The others can go round for ever: the same messages are possible again, and again.
        follow(follow(follow(second, again), again), again)
        return
      }
      const actions = [actionAt(first, role), actionAt(second, role)]
      assert.ok(actions.every((action) => action !== undefined))
      assert.notEqual(actions[0], actions[1], error.message)
    }),
    { numRuns: 500 },
  )
  assert.ok(loops > 0, 'none of them was a loop that nobody has to leave')
})
