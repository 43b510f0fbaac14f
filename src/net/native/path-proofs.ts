import { challengeBytes } from '../../wire/native/sealed-message.ts'
import type { DatagramPath } from '../contract/datagram-path.ts'

interface Challenge {
  readonly path: DatagramPath
  readonly token: Uint8Array
  readonly beganMs: number
  /** Those who asked about the path; without any, it is the peer that sends by it. */
  readonly tells: ((roundTripMs: number | undefined) => void)[]
  sentMs: number
}

/** At once; those that come then wait until another one is decided. */
const mostPaths = 4
const againMs = 250
const withinMs = 2000

/**
 * Which paths lead to the peer: one does when the peer answers what was sent by it, and nobody else could (RFC 9000, section 8.2).
 * For a path that the peer is seen to use, no more is sent than came by it: it can be somebody else's address.
 */
export class PathProofs {
  readonly #random: (count: number) => Uint8Array
  readonly #send: (token: Uint8Array, path: DatagramPath) => void
  readonly #challenges = new Map<string, Challenge>()

  constructor(options: {
    readonly random: (count: number) => Uint8Array
    readonly send: (token: Uint8Array, path: DatagramPath) => void
  }) {
    this.#random = options.random
    this.#send = options.send
  }

  /** The peer sends by this path, with a packet that is no shorter than the question. */
  seen(path: DatagramPath, nowMs: number): void {
    const known = this.#challenges.get(path.name)
    if (known === undefined) this.#ask(path, nowMs)
    else if (nowMs - known.sentMs >= againMs) this.#repeat(known, nowMs)
  }

  /** Asks by this path until there is an answer, or it is too late: then `tell` gets undefined. */
  probe(path: DatagramPath, nowMs: number, tell: (roundTripMs: number | undefined) => void): void {
    const challenge = this.#challenges.get(path.name) ?? this.#ask(path, nowMs)
    if (challenge) challenge.tells.push(tell)
    else tell(undefined)
  }

  /** The path that is proved by this answer; undefined for an answer to nothing. */
  answered(token: Uint8Array, nowMs: number): { readonly path: DatagramPath; readonly isPeers: boolean } | undefined {
    for (const [name, { path, tells, sentMs, ...challenge }] of this.#challenges) {
      if (!challenge.token.every((byte, index) => byte === token[index])) continue
      this.#challenges.delete(name)
      for (const tell of tells) tell(nowMs - sentMs)
      return { path, isPeers: tells.length === 0 }
    }
    return undefined
  }

  /** What time brings: what can be lost is sent again, what is not answered is given up. */
  tick(nowMs: number): void {
    for (const [name, challenge] of this.#challenges) {
      if (nowMs - challenge.beganMs >= withinMs) {
        this.#challenges.delete(name)
        for (const tell of challenge.tells) tell(undefined)
      } else if (challenge.tells.length > 0 && nowMs - challenge.sentMs >= againMs) {
        this.#repeat(challenge, nowMs)
      }
    }
  }

  close(): void {
    for (const { tells } of this.#challenges.values()) for (const tell of tells) tell(undefined)
    this.#challenges.clear()
  }

  #ask(path: DatagramPath, nowMs: number): Challenge | undefined {
    if (this.#challenges.size >= mostPaths) return undefined
    const challenge = { path, token: this.#random(challengeBytes), beganMs: nowMs, sentMs: nowMs, tells: [] }
    this.#challenges.set(path.name, challenge)
    this.#send(challenge.token, path)
    return challenge
  }

  #repeat(challenge: Challenge, nowMs: number): void {
    challenge.sentMs = nowMs
    this.#send(challenge.token, challenge.path)
  }
}
