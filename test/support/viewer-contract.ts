import assert from 'node:assert/strict'
import { after, afterEach, before as beforeAll, describe, it } from 'node:test'
import type { Member } from '../../src/domain/member.ts'
import type { Host } from '../../src/host/contract/host.ts'
import type { MemoryDisplay } from '../../src/host/memory/memory-display.ts'
import type { Observation } from '../../src/host/contract/stream-session.ts'
import { until } from '../../src/kernel/readable.ts'

/** A picture as whoever watches got it. */
export interface SeenPicture {
  readonly key: boolean
}

/** Somebody who came in by the wire that is looked at. */
export interface ContractViewer {
  readonly sessionId: string
  /** All that could be shown so far, in the order in which they were. */
  readonly pictures: readonly SeenPicture[]
  readonly lobbyId: string | undefined
  /** Codes of what could not be done. */
  readonly refusals: readonly string[]
  readonly ended: boolean
  join(lobbyId: string): void
  /** Asks for a key picture, as a decoder that cannot go on. */
  requestKey(): void
  press(code: string): void
  /** From now on so much (0 to 1) of what is sent to it is lost. */
  lose(share: number): void
  /** From now on what is sent to it passes at so many bits a second. */
  narrow(rateBps: number): void
  /** It takes and says nothing, or wakes again. */
  sleep(asleep: boolean): void
  /** Sends what no client sends. */
  breakProtocol(): void
  leave(): void
  /** The connection is lost without a word. */
  vanish(): void
  /** Comes back on another connection, and asks for the session that it had. */
  back(): Promise<ContractViewer>
}

/** A host with one way in, and time: virtual or real. */
export interface ContractScene extends AsyncDisposable {
  readonly host: Host
  /** The display that was opened last. */
  display(): MemoryDisplay
  observed(sessionId: string): readonly Observation[]
  arrive(member: Member): Promise<ContractViewer>
  /** Lets time pass until it holds; fails after ten seconds of it. */
  until(what: string, condition: () => boolean): Promise<void>
  pass(durationMs: number): Promise<void>
}

const tests = [
  'join',
  'first picture',
  'switch',
  'loss',
  'key request',
  'slow viewer',
  'silence',
  'role change',
  'revocation',
  'input held at goodbye',
  'input held at a loss',
  'input held at a fault',
  'input held at revocation',
  'return after a loss',
  'return while all stands',
  'no return after goodbye',
  'no return after a fault',
  'no return after revocation',
  'no return when it was ended',
] as const
export type ContractTest = (typeof tests)[number]

/** What a wire cannot do, and why. */
export interface ContractSkip {
  readonly name: ContractTest
  readonly reason: string
}

/** What holds for a viewer on every wire. One scene serves all of it; each test has a lobby and members of its own. */
export function viewerContract(
  wire: string,
  openScene: () => Promise<ContractScene>,
  { skip = [] }: { readonly skip?: readonly ContractSkip[] } = {},
): void {
  describe(`a viewer by ${wire}`, () => {
    let scene: ContractScene
    let members = 0
    beforeAll(async () => {
      scene = await openScene()
    })
    // A host has room for sixteen.
    afterEach(async () => {
      await Promise.all([...scene.host.lobbies.keys()].map((id) => scene.host.stopLobby(id, 'The test is over')))
    })
    after(async () => {
      await scene[Symbol.asyncDispose]()
    })

    const member = (role: Member['role'] = 'owner'): Member => {
      const id = `member-${++members}`
      return { id, name: id, role, lobbies: 'all' }
    }
    const openLobby = async () => {
      const lobby = await scene.host.createLobby({ appId: 'memory' })
      // Its directories are on a real disk, in real time.
      await until(lobby.status, ({ status }) => status === 'running')
      return { id: lobby.id, display: scene.display() }
    }
    const watching = async (role?: Member['role']) => {
      const viewer = await scene.arrive(member(role))
      await scene.until('a picture', () => viewer.pictures.length > 0)
      return viewer
    }
    const inLobby = async (role?: Member['role']) => {
      const lobby = await openLobby()
      const viewer = await watching(role)
      viewer.join(lobby.id)
      await scene.until('the lobby', () => viewer.lobbyId === lobby.id)
      return { lobby, viewer }
    }
    const more = (viewer: ContractViewer, count: number) => {
      const wanted = viewer.pictures.length + count
      return scene.until(`${count} more pictures`, () => viewer.pictures.length >= wanted)
    }
    /** Presses a key, ends the viewer and sees that the key goes up. */
    const holdsNothing = async (end: (viewer: ContractViewer) => void) => {
      const { lobby, viewer } = await inLobby()
      const { received } = lobby.display
      viewer.press('KeyW')
      await scene.until('the key', () => received.some(({ type }) => type === 'key'))
      const before = received.length
      end(viewer)
      await scene.until('the release', () => received.slice(before).some(({ type }) => type === 'release-all'))
      await scene.until('the end', () => viewer.ended)
    }

    const closeSession = (viewer: ContractViewer, reason: string) => {
      void scene.host.sessions.get(viewer.sessionId)?.close(reason)
    }
    /** Comes back to its place with what it had, and the former connection is at its end. */
    const returns = async (lose: (viewer: ContractViewer) => void) => {
      const { lobby, viewer } = await inLobby()
      await more(viewer, 3)
      viewer.press('KeyW')
      await scene.until('the key', () => lobby.display.received.some(({ type }) => type === 'key'))
      lose(viewer)
      const again = await viewer.back()
      await scene.until('the end of the former connection', () => viewer.ended)
      assert.equal(again.sessionId, viewer.sessionId)
      await scene.until('the lobby', () => again.lobbyId === lobby.id)
      assert.equal(scene.host.sessions.get(again.sessionId)?.holds('keyboard-mouse'), true)
      await more(again, 5)
      again.leave()
    }
    /** Whoever asks for a session that has ended for good gets a fresh one, which has nothing of it. */
    const findsNothing = async (end: (viewer: ContractViewer) => void) => {
      const { lobby, viewer } = await inLobby()
      viewer.press('KeyW')
      await scene.until('the key', () => lobby.display.received.some(({ type }) => type === 'key'))
      end(viewer)
      await scene.until('the end', () => viewer.ended)
      const again = await viewer.back()
      assert.notEqual(again.sessionId, viewer.sessionId)
      assert.equal(scene.host.sessions.has(viewer.sessionId), false)
      assert.equal(scene.host.sessions.get(again.sessionId)?.holds('keyboard-mouse'), false)
      again.leave()
    }

    const bodies: Readonly<Record<ContractTest, () => Promise<void>>> = {
      join: async () => {
        const { lobby, viewer } = await inLobby()
        await more(viewer, 5)
        assert.ok(scene.host.lobbies.get(lobby.id)?.sessions.includes(viewer.sessionId))
        viewer.leave()
        await scene.until('the end', () => viewer.ended && !scene.host.sessions.has(viewer.sessionId))
      },
      'first picture': async () => {
        const viewer = await watching()
        assert.equal(viewer.pictures[0]?.key, true)
        await scene.until('the handshake on record', () => {
          return scene.observed(viewer.sessionId).some((seen) => seen.kind === 'handshake' && seen.ok)
        })
        await scene.until('the path on record', () => {
          return scene.observed(viewer.sessionId).some(({ kind }) => kind === 'path')
        })
        viewer.leave()
      },
      switch: async () => {
        const lobby = await openLobby()
        const viewer = await watching()
        await more(viewer, 3)
        const keysBefore = viewer.pictures.filter(({ key }) => key).length
        viewer.join(lobby.id)
        await scene.until('a key picture of the lobby', () => {
          return viewer.lobbyId === lobby.id && viewer.pictures.filter(({ key }) => key).length > keysBefore
        })
        await more(viewer, 10)
        assert.deepEqual(
          scene.observed(viewer.sessionId).filter(({ kind }) => kind === 'freeze'),
          [],
        )
        viewer.leave()
      },
      loss: async () => {
        const { viewer } = await inLobby()
        await more(viewer, 10)
        viewer.lose(0.03)
        await more(viewer, 90)
        viewer.leave()
      },
      'key request': async () => {
        const { viewer } = await inLobby()
        await more(viewer, 3)
        const before = viewer.pictures.length
        viewer.requestKey()
        await scene.until('a key picture', () => viewer.pictures.slice(before).some(({ key }) => key))
        viewer.leave()
      },
      'slow viewer': async () => {
        const { lobby, viewer: slow } = await inLobby()
        const fast = await watching()
        fast.join(lobby.id)
        await scene.until('the lobby', () => fast.lobbyId === lobby.id)
        await more(fast, 20)
        slow.narrow(300_000)
        await more(fast, 60)
        const before = fast.pictures.length
        await more(fast, 60)
        assert.ok(
          fast.pictures.slice(before).every(({ key }) => !key),
          'nobody else is sent key pictures for it',
        )
        // How soon it shows pictures on so narrow a path is a matter of speed; that it goes on when the path is wide again is not.
        slow.narrow(Infinity)
        await more(slow, 5)
        slow.leave()
        fast.leave()
      },
      silence: async () => {
        const { viewer } = await inLobby()
        await more(viewer, 10)
        viewer.sleep(true)
        await scene.pass(4500)
        const before = viewer.pictures.length
        viewer.sleep(false)
        await scene.until('a key picture', () => viewer.pictures.slice(before).some(({ key }) => key))
        await scene.until('the freeze on record', () => {
          return scene.observed(viewer.sessionId).some((seen) => seen.kind === 'freeze' && seen.durationMs > 2000)
        })
        assert.deepEqual(
          scene
            .observed(viewer.sessionId)
            .flatMap((seen) => (seen.kind === 'mode' ? [`${seen.to}: ${seen.cause}`] : [])),
          ['sound-alone: silence', 'pictures: heard'],
        )
        viewer.leave()
      },
      'role change': async () => {
        const { lobby, viewer } = await inLobby('player')
        const { received } = lobby.display
        viewer.press('KeyA')
        await scene.until('the key', () => received.some(({ type }) => type === 'key'))
        scene.host.changeRole(`member-${members}`, 'viewer')
        const keys = received.filter(({ type }) => type === 'key').length
        viewer.press('KeyB')
        await scene.until('a refusal', () => viewer.refusals.includes('input-forbidden'))
        assert.equal(received.filter(({ type }) => type === 'key').length, keys)
        await more(viewer, 3)
        viewer.leave()
      },
      revocation: async () => {
        const { viewer } = await inLobby()
        closeSession(viewer, 'revoked')
        await scene.until('the end', () => viewer.ended)
        // What was on its way by then arrives.
        await scene.pass(300)
        const before = viewer.pictures.length
        await scene.pass(300)
        assert.equal(viewer.pictures.length, before)
      },
      'input held at goodbye': () => holdsNothing((viewer) => viewer.leave()),
      'input held at a loss': () => holdsNothing((viewer) => viewer.vanish()),
      'input held at a fault': () => holdsNothing((viewer) => viewer.breakProtocol()),
      'input held at revocation': () => holdsNothing((viewer) => closeSession(viewer, 'revoked')),
      'return after a loss': () => returns((viewer) => viewer.vanish()),
      // As a client does that doubts its connection before the host does.
      'return while all stands': () => returns(() => {}),
      'no return after goodbye': () => findsNothing((viewer) => viewer.leave()),
      'no return after a fault': () => findsNothing((viewer) => viewer.breakProtocol()),
      'no return after revocation': () => findsNothing((viewer) => closeSession(viewer, 'revoked')),
      'no return when it was ended': () => findsNothing((viewer) => closeSession(viewer, 'stopped')),
    }
    for (const name of tests) {
      const cannot = skip.find((one) => one.name === name)
      it(name, { skip: cannot?.reason ?? false }, bodies[name])
    }
  })
}
