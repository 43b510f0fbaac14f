import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { parseRoute, routeFragment, type Route } from './route.ts'

const id = fc.string({ minLength: 1 })
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.constantFrom<Route>({ at: 'wall' }, { at: 'settings' }),
  fc.option(id, { nil: undefined }).map((link): Route => ({ at: 'party', link })),
  id.map((lobbyId): Route => ({ at: 'lobby', lobbyId })),
  fc.option(id, { nil: undefined }).map((appId): Route => ({ at: 'apps', appId })),
  fc.option(id, { nil: undefined }).map((sessionId): Route => ({ at: 'sessions', sessionId })),
)

test('parseRoute finds the way back to every route', () => {
  fc.assert(fc.property(route, (each) => assert.deepEqual(parseRoute(routeFragment(each)), each)))
})

test('parseRoute stays at the wall when the address is strange', () => {
  for (const hash of ['', '#', '#/apps', '#lobby=', '#%', '#token=abc']) {
    assert.deepEqual(parseRoute(hash), { at: 'wall' })
  }
})
