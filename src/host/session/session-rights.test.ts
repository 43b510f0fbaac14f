import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import { HostError } from '../contract/host-error.ts'
import type { Member, Role } from '../../domain/member.ts'
import { openMemoryHost } from '../memory/memory-host.ts'
import type { StreamSession } from '../contract/stream-session.ts'

const roles: readonly Role[] = ['owner', 'player', 'agent', 'viewer', 'app']

/** What a session may be told to do by whoever is at its other end, and who may: by role, and for `own` or any lobby. */
const deeds: readonly {
  readonly name: string
  readonly inside: boolean
  readonly allowed: readonly Role[]
  readonly attempt: (session: StreamSession, ids: { own: string; other: string }) => unknown
}[] = [
  {
    name: 'join the lobby of the invitation',
    inside: false,
    allowed: ['owner', 'player', 'agent', 'viewer'],
    attempt: (session, { own }) => session.join(own),
  },
  {
    name: 'join another lobby',
    inside: false,
    allowed: ['owner'],
    attempt: (session, { other }) => session.join(other),
  },
  {
    name: 'type',
    inside: true,
    allowed: ['owner', 'player', 'agent'],
    attempt: (session) => session.input({ type: 'text', text: 'a' }),
  },
  {
    name: 'ask for a seat',
    inside: true,
    allowed: ['owner', 'player', 'agent'],
    attempt: (session) => session.changeSeat('keyboard-mouse', { do: 'request' }),
  },
  {
    name: 'lock a seat',
    inside: true,
    allowed: ['owner'],
    attempt: (session) => session.changeSeat('keyboard-mouse', { do: 'lock' }),
  },
  {
    name: 'leave',
    inside: true,
    allowed: ['owner', 'player', 'agent', 'viewer'],
    attempt: (session) => session.leave(),
  },
]

for (const { name, inside, allowed, attempt } of deeds) {
  test(`a session may ${name} as the rights of its member say`, async () => {
    await using memory = await openMemoryHost()
    const { host } = memory
    const [own, other] = [await host.createLobby({ appId: 'memory' }), await host.createLobby({ appId: 'memory' })]
    await until(own.status, ({ status }) => status === 'running')
    for (const role of roles) {
      const member: Member = { id: role, name: role, role, lobbies: role === 'owner' ? 'all' : [own.id] }
      const session = host.createSession(member)
      const tried = inside ? session.join(own.id) : Promise.resolve()
      const done = tried.then(() => attempt(session, { own: own.id, other: other.id }))
      if (allowed.includes(role)) await done
      else {
        const refused = (error: unknown) =>
          error instanceof HostError && ['forbidden', 'input-forbidden'].includes(error.code)
        await assert.rejects(done, refused, role)
      }
      await session.close()
    }
  })
}
