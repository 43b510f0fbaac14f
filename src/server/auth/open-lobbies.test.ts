import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMemoryHost } from '../../host/memory/memory-host.ts'
import { maxGuestLobbies } from '../../store/guests.ts'
import { openStore } from '../../store/open-store.ts'
import { newToken } from '../../store/token.ts'
import { OpenLobbies } from './open-lobbies.ts'

test('OpenLobbies opens as many lobbies to a guest as there may be, of which those that have ended are none', async () => {
  await using memory = await openMemoryHost({ limits: { lobbies: 32 } })
  const { host, clock } = memory
  using store = openStore(':memory:', clock)
  const open = async () => (await host.createLobby({ appId: 'memory' })).id
  const own = await open()
  const { invitation } = store.invitations.create({ lobbyId: own, role: 'viewer', expiresInMs: 60_000 })
  const redeemed = store.guests.redeem({ invitationId: invitation.id, claim: newToken(), name: 'Ada' })
  assert.ok(redeemed.ok)
  const { id } = redeemed.guest
  const lobbies = () => store.guests.get(id)?.lobbies ?? []
  let checks = 0
  const openLobbies = new OpenLobbies({ host, guests: store.guests, departures: { check: async () => void checks++ } })
  const ada = () => ({ id, name: 'Ada', role: 'viewer', lobbies: lobbies() }) as const

  const more: string[] = []
  for (let count = 1; count < maxGuestLobbies; count++) more.push(await open())
  for (const lobbyId of more) await openLobbies.to(ada(), lobbyId, true)
  assert.deepEqual([lobbies()[0], new Set(lobbies())], [own, new Set([own, ...more])])
  assert.equal(checks, more.length)
  const last = await open()
  await assert.rejects(openLobbies.to(ada(), last, true), { code: 'too-many-admissions' })
  assert.equal(lobbies().length, maxGuestLobbies)
  await host.stopLobby(more[0] ?? '', 'Enough')
  await openLobbies.to(ada(), last, true)
  assert.ok(lobbies().includes(last) && !lobbies().includes(more[0] ?? ''))
})
