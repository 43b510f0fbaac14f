import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { again, branch, choice, late, loop, message } from '../../src/kernel/protocol/notation.ts'
import { protocol } from '../../src/kernel/protocol/protocol.ts'
import { edgesOf, passThrough } from '../../src/kernel/session/edge.ts'
import { SessionStore } from '../../src/kernel/session/session-store.ts'

/** A game whose host waits for the next move, and says so when it takes too long; the seat goes on to another player meanwhile. */
export const game = protocol(
  'game',
  ['player', 'host'],
  [
    loop('moves', [
      choice('player', 'host', {
        move: branch([message('host', 'player', 'seen'), again('moves')]),
        asleep: late([message('host', 'player', 'wake-up'), again('moves')], 30_000),
      }),
    ]),
  ],
)

function key() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    sign: (bytes: Uint8Array) => sign(null, bytes, privateKey),
    verify: (bytes: Uint8Array, signature: Uint8Array) => verify(null, bytes, publicKey, signature),
  }
}

/** Ada plays, falls asleep, and hands her end of the signed session to Bob, who goes on where it stands. */
export function handOver(): { readonly store: SessionStore; readonly heard: readonly (string | undefined)[] } {
  const clock = new ManualClock()
  const store = new SessionStore({ clock })
  const hash = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const [player, host] = store.open({
    protocol: game.name,
    roles: game.roles,
    localTypes: [game.locals.player, game.locals.host],
    owners: ['ada', 'house'],
    handlers: new Map([...edgesOf('player', game.locals.player).keys()].map((edge) => [edge, passThrough])),
    auth: { hash, nonce: randomBytes(16), keys: new Map(game.roles.map((role) => [role, key()])) },
  })
  if (!player || !host) throw new Error('A session has an endpoint for each role')
  const heard: (string | undefined)[] = [store.receive(host, 'player')?.label]
  clock.advance(30_000)
  heard.push(store.receive(host, 'player')?.label)
  store.send(host, 'player', 'wake-up')
  const moved = store.transfer(player, 'ada', 'bob')
  store.send(moved, 'host', 'move')
  heard.push(store.receive(moved, 'host')?.label)
  store.send(moved, 'host', 'move')
  heard.push(store.receive(host, 'player')?.label)
  return { store, heard }
}
