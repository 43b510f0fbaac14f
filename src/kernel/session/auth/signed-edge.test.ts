import assert from 'node:assert/strict'
import { createHash, createHmac, generateKeyPairSync, randomBytes, sign, timingSafeEqual, verify } from 'node:crypto'
import { test } from 'node:test'
import { ManualClock } from '../../manual-clock.ts'
import { again, loop, message } from '../../protocol/notation.ts'
import { protocol } from '../../protocol/protocol.ts'
import { unchecked } from '../../protocol/schema.ts'
import { type EdgeHandler, type EdgeMessage, type EdgeName, passThrough } from '../edge.ts'
import { SessionError } from '../contract/session-error.ts'
import { SessionStore } from '../session-store.ts'
import { type Hash, verifyInclusion } from './history.ts'
import type { EndpointKey } from './signed-edge.ts'

const sha256: Hash = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function ed25519(): EndpointKey & Required<EndpointKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    sign: (bytes) => sign(null, bytes, privateKey),
    verify: (bytes, signature) => verify(null, bytes, publicKey, signature),
  }
}

function mac(): EndpointKey & Required<EndpointKey> {
  const key = randomBytes(32)
  const tag = (bytes: Uint8Array) => createHmac('sha256', key).update(bytes).digest()
  return { sign: tag, verify: (bytes, given) => given.length === 32 && timingSafeEqual(tag(bytes), given) }
}

const talk = protocol(
  'talk',
  ['alice', 'bob'],
  [loop('t', [message('alice', 'bob', 'say', unchecked<unknown>()), again('t')])],
)

/** Alice's process and Bob's, with a wire between them that keeps what goes over it. */
function twoProcesses(makeKey: () => EndpointKey & Required<EndpointKey>, nonce = randomBytes(16)) {
  const key = makeKey()
  const wire: EdgeMessage[] = []
  const open = (alice: EndpointKey, handler: EdgeHandler) => {
    const store = new SessionStore({ clock: new ManualClock() })
    const [first, second] = store.open({
      protocol: talk.name,
      roles: talk.roles,
      localTypes: [talk.locals.alice, talk.locals.bob],
      owners: ['alice', 'bob'],
      handlers: new Map<EdgeName, EdgeHandler>([['alice->bob', handler]]),
      auth: { hash: sha256, nonce, keys: new Map([['alice', alice]]), provable: 100 },
    })
    assert.ok(first && second)
    return { store, alice: first, bob: second }
  }
  return {
    wire,
    nonce,
    key,
    sender: open(key, (sent) => wire.push(sent)),
    receiver: open({ verify: key.verify }, passThrough),
  }
}

const forged = (error: unknown) => error instanceof SessionError && error.code === 'forged'

for (const [name, makeKey] of [
  ['Ed25519', ed25519],
  ['a MAC', mac],
] as const) {
  test(`SignedEdge carries a conversation between two processes signed with ${name}, and proves what was said`, () => {
    const { wire, sender, receiver } = twoProcesses(makeKey)
    for (const word of ['one', 'two', 'three']) sender.store.send(sender.alice, 'bob', 'say', word)
    for (const sent of wire) receiver.store.deliver(receiver.alice, 'bob', sent)
    assert.deepEqual(
      wire.map(() => receiver.store.receive(receiver.bob, 'alice')?.payload),
      ['one', 'two', 'three'],
    )
    const edge = receiver.store.session(receiver.bob).edges.get('alice->bob')
    assert.deepEqual(
      edge?.signed?.history.root(),
      sender.store.session(sender.alice).edges.get('alice->bob')?.signed?.history.root(),
    )
    assert.equal(edge?.signed?.history.length, 3)
    assert.equal(
      verifyInclusion(sha256, edge.signed.history.root(), randomBytes(32), edge.signed.history.prove(1)),
      false,
    )
  })

  test(`SignedEdge refuses what was forged, replayed, reordered or is of another session, signed with ${name}`, () => {
    const { wire, sender, receiver } = twoProcesses(makeKey)
    for (const word of ['one', 'two']) sender.store.send(sender.alice, 'bob', 'say', word)
    const [one, two] = wire
    assert.ok(one?.proof && two?.proof)
    const deliver = (sent: EdgeMessage) => receiver.store.deliver(receiver.alice, 'bob', sent)

    assert.throws(() => deliver(two), forged, 'reordered')
    assert.throws(() => deliver({ ...one, payload: 'won' }), forged, 'another payload')
    assert.throws(() => deliver({ label: 'say', payload: 'one', epoch: 0 }), forged, 'unsigned')
    assert.throws(
      () => deliver({ ...one, proof: { ...one.proof!, signature: randomBytes(64) } }),
      forged,
      'another signature',
    )
    assert.equal(deliver(one), 'sent')
    assert.throws(() => deliver(one), forged, 'replayed')
    assert.equal(deliver(two), 'sent')

    const other = twoProcesses(makeKey)
    other.sender.store.send(other.sender.alice, 'bob', 'say', 'three')
    assert.throws(() => deliver(other.wire[0]!), forged, 'another key and session')
  })
}

test('SignedEdge refuses a message signed with the same key for another session', () => {
  const key = mac()
  const here = twoProcesses(() => key)
  const there = twoProcesses(() => key)
  there.sender.store.send(there.sender.alice, 'bob', 'say', 'hello')
  assert.throws(() => here.receiver.store.deliver(here.receiver.alice, 'bob', there.wire[0]!), forged)
})

test('SignedEdge cannot sign where the secret is not', () => {
  const { receiver } = twoProcesses(ed25519)
  assert.throws(() => receiver.store.send(receiver.alice, 'bob', 'say', 'hello'), forged)
})

test('SignedEdge stays in step when the handler of an edge refuses', () => {
  const key = mac()
  let offline = true
  const store = new SessionStore({ clock: new ManualClock() })
  const [alice] = store.open({
    protocol: talk.name,
    roles: talk.roles,
    localTypes: [talk.locals.alice, talk.locals.bob],
    owners: ['alice', 'bob'],
    handlers: new Map([
      [
        'alice->bob',
        () => {
          if (offline) throw new Error('offline')
        },
      ],
    ]),
    auth: { hash: sha256, nonce: randomBytes(16), keys: new Map([['alice', key]]) },
  })
  assert.ok(alice)
  assert.throws(() => store.send(alice, 'bob', 'say', 'one'), SessionError)
  offline = false
  assert.equal(store.send(alice, 'bob', 'say', 'one'), 'sent')
})

test('SessionStore refuses a message of an old epoch', () => {
  const { wire, sender, receiver } = twoProcesses(mac)
  sender.store.send(sender.alice, 'bob', 'say', 'one')
  assert.throws(
    () => receiver.store.deliver(receiver.alice, 'bob', { ...wire[0]!, epoch: 1 }),
    (error) => error instanceof SessionError && error.code === 'stale-epoch',
  )
})

test('SignedEdge refuses a payload that was made into another kind of the same characters', () => {
  const { wire, sender, receiver } = twoProcesses(mac)
  const text = 'one'
  sender.store.send(sender.alice, 'bob', 'say', text)
  const bytes = new TextEncoder().encode(JSON.stringify(text))
  assert.throws(() => receiver.store.deliver(receiver.alice, 'bob', { ...wire[0]!, payload: bytes }), forged)
  assert.equal(receiver.store.deliver(receiver.alice, 'bob', wire[0]!), 'sent')
  sender.store.send(sender.alice, 'bob', 'say', undefined)
  const empty = { ...wire[1]!, payload: new Uint8Array() }
  assert.throws(() => receiver.store.deliver(receiver.alice, 'bob', empty), forged)
})

test('SignedEdge signs nothing that JSON would lose', () => {
  const { sender, wire } = twoProcesses(mac)
  for (const payload of [new Map([[1, 2]]), Number.NaN, 1n, { deep: [new Uint8Array(1)] }, () => 1]) {
    assert.throws(
      () => sender.store.send(sender.alice, 'bob', 'say', payload),
      (error) => error instanceof SessionError && error.code === 'unsignable',
    )
  }
  assert.deepEqual(wire, [])
  assert.equal(sender.store.send(sender.alice, 'bob', 'say', { b: 1, a: [null, 'x', new Date(0)] }), 'sent')
})

test('SignedEdge carries nothing away that it could not prove any more', () => {
  const { sender, receiver, wire } = twoProcesses(mac)
  for (let number = 0; number < 100; number++) {
    sender.store.send(sender.alice, 'bob', 'say', number)
    sender.store.receive(sender.bob, 'alice')
  }
  assert.throws(
    () => sender.store.send(sender.alice, 'bob', 'say', 100),
    (error) => error instanceof SessionError && error.code === 'unsignable',
  )
  assert.equal(wire.length, 100)
  for (const sent of wire) {
    receiver.store.deliver(receiver.alice, 'bob', sent)
    receiver.store.receive(receiver.bob, 'alice')
  }
})

test('SignedEdge takes a key that throws at a signature for one that refuses it', () => {
  const key = mac()
  const strict = { ...key, verify: (bytes: Uint8Array, given: Uint8Array) => timingSafeEqual(key.sign(bytes), given) }
  const { wire, sender, receiver } = twoProcesses(() => strict)
  sender.store.send(sender.alice, 'bob', 'say', 'one')
  const broken = { ...wire[0]!, proof: { ...wire[0]!.proof!, signature: new Uint8Array(1) } }
  assert.throws(() => receiver.store.deliver(receiver.alice, 'bob', broken), forged)
})

test('a payload that is changed after it was sent arrives as it was signed, with a proof that fits', () => {
  const { sender, receiver, wire } = twoProcesses(ed25519)
  const payload = { amount: 1, items: ['Dune'] }
  sender.store.send(sender.alice, 'bob', 'say', payload)
  payload.amount = 1_000_000
  payload.items.push('Emma')
  receiver.store.deliver(receiver.alice, 'bob', wire[0]!)
  for (const { store, bob } of [sender, receiver]) {
    const got = store.receive(bob, 'alice')
    assert.deepEqual(got?.payload, { amount: 1, items: ['Dune'] })
    const signed = store.session(bob).edges.get('alice->bob')?.signed
    assert.ok(signed && Object.isFrozen(got?.payload))
    const leaf = signed.leaf({ epoch: 0, label: 'say', payload: got?.payload }, 0)
    assert.equal(verifyInclusion(sha256, signed.history.root(), leaf, signed.history.prove(0)), true)
  }
})

test('what is taken out of an edge is verified once more: bytes that were changed under way are refused', () => {
  const { sender } = twoProcesses(ed25519)
  sender.store.send(sender.alice, 'bob', 'say', Uint8Array.of(1, 2, 3))
  const [underWay] = sender.store.session(sender.alice).edges.get('alice->bob')?.buffer.values() ?? []
  const bytes = underWay?.payload as Uint8Array
  bytes[0] = 9
  assert.throws(() => sender.store.receive(sender.bob, 'alice'), forged)
  bytes[0] = 1
  assert.deepEqual(sender.store.receive(sender.bob, 'alice')?.payload, Uint8Array.of(1, 2, 3))
})

test('nobody but the session puts messages on an edge', () => {
  const { sender } = twoProcesses(mac)
  const edge: object = sender.store.session(sender.alice).edges.get('alice->bob')!
  const buffer: object = sender.store.session(sender.alice).edges.get('alice->bob')!.buffer
  assert.deepEqual(
    [...Object.values(edge), ...Object.values(buffer)].filter((value) => value?.put || value?.take),
    [],
  )
})

test('a key that ends the session while it signs or verifies makes the action fail with how it ended', () => {
  const key = mac()
  for (const [doomed, sends] of [
    ['sign', true],
    ['verify', false],
  ] as const) {
    const store: SessionStore = new SessionStore({ clock: new ManualClock() })
    const ending = {
      ...key,
      [doomed]: (...args: Parameters<typeof key.verify>) => {
        store.fault({ sid: 1, epoch: 0 }, 'the key was lost')
        return key[doomed](...args)
      },
    }
    const [alice, bob] = store.open({
      protocol: talk.name,
      roles: talk.roles,
      localTypes: [talk.locals.alice, talk.locals.bob],
      owners: ['alice', 'bob'],
      handlers: new Map([['alice->bob', passThrough]]),
      auth: { hash: sha256, nonce: randomBytes(16), keys: new Map([['alice', ending]]) },
    })
    assert.ok(alice && bob)
    const faulted = (error: unknown) => error instanceof SessionError && error.code === 'faulted'
    if (sends) assert.throws(() => store.send(alice, 'bob', 'say', 'one'), faulted)
    else {
      store.send(alice, 'bob', 'say', 'one')
      assert.throws(() => store.receive(bob, 'alice'), faulted)
    }
  }
})
