import type { openPartyOfTwo } from './memory-parties.ts'

/** Everything that can be done with a party, once. */
export async function describeParty(
  ask: (method: string, path: string, options?: { id?: string; body?: unknown }) => Promise<unknown>,
  { world, here, friend }: Awaited<ReturnType<typeof openPartyOfTwo>>,
) {
  const peer = '/api/v1/party/peers/{id}'
  await ask('POST', '/api/v1/party', { body: { name: 'Friday' } })
  await friend.joinParty({ by: here.manager.ticket().link ?? '' })
  await world.until('both see each other', () => here.manager.peers().length === 1 && friend.peers().length === 1)
  const welcome = () => friend.say(here.manager.me, { type: 'welcome', token: 't'.repeat(43), lobbyId: 'x' })
  friend.listen({ visit: welcome, start: welcome })
  await world.until('both have met', () => friend.may(here.manager.me, 'card'))
  const card = { page: 'http://friend.test', may: 'start' as const, lobbies: [], apps: [] }
  friend.say(here.manager.me, { type: 'card', card })
  await ask('GET', '/api/v1/party')
  await ask('GET', '/api/v1/party/invitation')
  await ask('POST', `${peer}/visit`, { id: friend.me, body: { lobbyId: 'x' } })
  await ask('POST', `${peer}/start`, { id: friend.me, body: { appId: 'x' } })
  await ask('PUT', '/api/v1/party/rights', { body: { peerId: friend.me, may: 'play' } })
  await ask('DELETE', peer, { id: friend.me })
  await ask('DELETE', '/api/v1/party')
  await ask('POST', '/api/v1/party/leave')
  await world.until('the friend is out', () => friend.party.value === undefined)
  const { link = '' } = await friend.createParty({ name: 'Saturday' })
  let isIn = false
  const joining = ask('POST', '/api/v1/party/join', { body: { by: link } }).finally(() => (isIn = true))
  // It is answered when the two have proved the second part of the code to each other.
  await world.until('the join is answered', () => isIn)
  await joining
  await ask('POST', '/api/v1/party/leave')
  await ask('GET', '/api/v1/party/network')
  await ask('POST', '/api/v1/party/shares', { body: { protocol: 'tcp', port: 1 } })
  await ask('DELETE', '/api/v1/party/shares/{id}')
  await ask('POST', '/api/v1/party/ports', { body: { peerId: 'ada', protocol: 'tcp', port: 1 } })
  await ask('DELETE', '/api/v1/party/ports/{id}')
}
