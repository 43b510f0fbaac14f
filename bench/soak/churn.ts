import { setTimeout as pause } from 'node:timers/promises'
import { apiPrefix } from '../../src/wire/api/resources.ts'
import { makeRandomCuts } from '../../test/support/random-cuts.ts'
import { LobbyMachine, viewerProcess } from '../../test/support/lobby-machine.ts'
import { RtcReceiver } from '../../test/support/rtc-receiver.ts'
import type { RunningPorchlight } from '../../test/support/running-porchlight.ts'
import { openEncodedClient } from '../support/encoded-client.ts'

const viewersByRtc = 3
const viewersByWeb = 2
/** Each cut once, before new players come. */
const cutsInARow = 11
const stayMs = 6000
const lobbyStaysMs = 12_000
const viewerProcessKillsMs = 240_000

/** Everybody who comes, goes, is cut off and comes back, until it is stopped. */
export class Churn {
  /** What was done, and how often. */
  readonly counts: Record<string, number> = {}
  readonly #house: RunningPorchlight
  readonly #lobbyId: string
  readonly #random: () => number
  readonly #over = new AbortController()
  readonly #actors: Promise<unknown>

  constructor(house: RunningPorchlight, lobbyId: string, random: () => number) {
    this.#house = house
    this.#lobbyId = lobbyId
    this.#random = random
    const many = (count: number, act: () => Promise<void>) => Array.from({ length: count }, () => this.#again(act))
    this.#actors = Promise.all([
      ...many(viewersByRtc, () => this.#watchByRtc()),
      ...many(viewersByWeb, () => this.#watchByWeb()),
      ...many(1, () => this.#openAndCloseLobby()),
      ...many(1, () => this.#playAndBeCutOff()),
      ...many(1, () => this.#followEvents()),
      ...many(1, () => this.#killViewerProcess()),
    ])
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await this.#actors
  }

  async #again(act: () => Promise<void>): Promise<void> {
    while (!this.#over.signal.aborted) {
      try {
        await act()
      } catch (error) {
        if (this.#over.signal.aborted) return
        this.#count('gone wrong')
        console.error(error)
        await this.#stay(1000)
      }
    }
  }

  /** With a link of one's own, that is revoked afterwards. */
  async #watchByRtc(): Promise<void> {
    const house = this.#house
    const { id, token } = await house.invite(this.#lobbyId, 'viewer')
    const options = { url: house.signallingUrl, token, lobbyId: this.#lobbyId }
    await using receiver = new RtcReceiver(options)
    await receiver.message('ready')
    receiver.offer()
    await receiver.until(({ counts }) => counts.pictures > 0, 'a picture')
    this.#count('watched over WebRTC')
    await this.#stay()
    const fate = this.#random()
    if (fate < 0.25) {
      receiver.cutMedia()
      receiver.offer()
      await receiver.until(({ counts }) => counts.pictures > 0, 'a picture on another connection')
      this.#count('connected media again')
      await this.#stay()
    } else if (fate < 0.5) {
      receiver.cutSocket()
      await using again = new RtcReceiver({ ...options, resume: receiver.session })
      await again.message('reconnect-ack')
      again.offer()
      await again.until(({ counts }) => counts.pictures > 0, 'a picture in the same session')
      this.#count('came back')
      await this.#stay()
    } else if (fate < 0.75) {
      receiver.send({ type: 'bye' })
      this.#count('left with a word')
    } else {
      this.#count('left without a word')
    }
    await house.api('DELETE', `invitations/${id}`)
    this.#count('links revoked')
  }

  async #watchByWeb(): Promise<void> {
    const { id, token } = await this.#house.invite(this.#lobbyId, 'viewer')
    const client = await openEncodedClient(this.#house.signallingUrl, token)
    try {
      const first = Promise.withResolvers<void>()
      client.on('picture', first.resolve)
      await client.start({ lobbyId: this.#lobbyId })
      await first.promise
      this.#count('watched through the web port')
      await this.#stay()
    } finally {
      await client.close()
      await this.#house.api('DELETE', `invitations/${id}`)
    }
  }

  async #openAndCloseLobby(): Promise<void> {
    const { id } = await this.#house.openLobby('terminal')
    await this.#stay(lobbyStaysMs)
    await this.#house.api('DELETE', `lobbies/${id}`)
    this.#count('lobbies opened and closed')
  }

  async #playAndBeCutOff(): Promise<void> {
    const { id } = await this.#house.openLobby('terminal')
    try {
      await using x = await new LobbyMachine(this.#house, id).connect()
      await makeRandomCuts({ house: this.#house, lobbyId: id, x, times: cutsInARow, random: this.#random })
      this.#count('players cut off', cutsInARow)
    } finally {
      await this.#house.api('DELETE', `lobbies/${id}`)
    }
  }

  /** The server's events, and somebody who has no right to them. */
  async #followEvents(): Promise<void> {
    const { address, port, ownerToken } = this.#house
    const open = (token: string) => {
      const signal = AbortSignal.any([this.#over.signal, AbortSignal.timeout(Math.ceil(stayMs * this.#random()))])
      return fetch(`http://${address}:${port}${apiPrefix}/events`, {
        headers: { Authorization: `Bearer ${token}` },
        signal,
      })
    }
    const refused = await open('wrong')
    await refused.body?.cancel()
    const events = await open(ownerToken)
    try {
      for await (const _ of events.body ?? []);
    } catch {
      this.#count('event streams cut')
    }
    await this.#stay(1000)
  }

  async #killViewerProcess(): Promise<void> {
    await this.#stay(viewerProcessKillsMs)
    if (this.#over.signal.aborted) return
    process.kill((await viewerProcess(this.#house)).pid, 'SIGKILL')
    this.#count('viewer process killed')
  }

  /** Anything up to twice this; shorter at the end. */
  async #stay(meanMs = stayMs): Promise<void> {
    await pause(this.#random() * 2 * meanMs, undefined, { signal: this.#over.signal }).catch(() => {})
  }

  #count(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times
  }
}
