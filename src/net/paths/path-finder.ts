import { randomBytes } from 'node:crypto'
import { mostPaths, type PathStanding } from '../../domain/path-standing.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { ReceivedStun } from '../../wire/stun/stun-message.ts'
import {
  chooseAnew,
  explainChoice,
  firstChoice,
  standingsOf,
  type MoveCause,
  type PathChoice,
  type PathView,
} from './path-choice.ts'
import { encodeCheck, encodeCheckAnswer, isSealedWith, type PathCredentials } from './path-check.ts'
import { rankOf, type FinderPolicy } from './path-policy.ts'
import { CheckedPath, type Carrier, type Path } from './path.ts'

/** A change of the path that is taken, as operators and people are told of it. */
export interface PathNews {
  /** Undefined when none is left. */
  readonly path: Path | undefined
  readonly from: string | undefined
  /** `nominated`: by the other end, which decides. `lost`: none answers. `back`: the one that was lost answers again. */
  readonly cause: MoveCause | 'nominated' | 'lost' | 'back'
  /** All paths there are, in a sentence. */
  readonly explanation: string
}

export interface PathFinderOptions {
  readonly clock: Clock
  readonly local: PathCredentials
  readonly remote: PathCredentials
  /** The viewer decides which path is taken, and the host follows for as long as it can. */
  readonly isControlling: boolean
  /** Read for each new path. */
  readonly policy: FinderPolicy
  /** Which path is taken from now on, and why. Nothing may be sent before the first. */
  readonly onPath: (news: PathNews) => void
  readonly newId?: () => Uint8Array
}

const tickMs = 50
/** How long the first path that answers waits for one that the policy prefers. */
const patienceMs = 300

/**
 * Finds the paths to one other end, by checks that both ends send and answer (RFC 8445), and keeps them: a check is answered to where
 * it was seen to come from, only checks with both ends' secrets count, and only a path whose checks are answered is taken. The taken
 * one is checked every 150 ms and given up after 1.2 s without an answer (RFC 7675 asks for 30), or 0.7 s where another one has answers meanwhile;
 * others are kept warm.
 */
export class PathFinder implements Disposable {
  readonly #options: PathFinderOptions
  readonly #newId: () => Uint8Array
  readonly #paths = new Map<string, CheckedPath>()
  readonly #timer: Timer
  #choice: PathChoice = firstChoice
  /** Of this end's choices, or the newest of the other end's. */
  #nomination = 0
  /** What the other end has named while it was dead here or new: it is followed as soon as there are answers by it. */
  #awaited: { readonly path: CheckedPath; readonly nomination: number } | undefined
  #firstMs: number | undefined
  #isLost = false

  constructor(options: PathFinderOptions) {
    this.#options = options
    this.#newId = options.newId ?? (() => randomBytes(12))
    this.#timer = options.clock.every(tickMs, () => this.#tick())
  }

  /** Names this end in the checks of the other. */
  get fragment(): string {
    return this.#options.local.fragment
  }

  /** The one that is taken. */
  get current(): Path | undefined {
    const { current } = this.#choice
    return current === undefined ? undefined : this.#paths.get(current)
  }

  get paths(): readonly Path[] {
    return [...this.#paths.values()]
  }

  /** All of it in words: `direct 192.0.2.1:5000, 4 ms; relay 203.0.113.1:3478, 19 ms, kept warm`. */
  get explanation(): string {
    return explainChoice(this.#choice, this.#views())
  }

  /** How each of them stands, the one that is taken first. */
  get standings(): readonly PathStanding[] {
    return standingsOf(this.#choice, this.#views())
  }

  /** Whether a path of that name answers: what comes by it comes from the other end. */
  answersBy(name: string): boolean {
    return this.#paths.get(name)?.state === 'alive'
  }

  /** Begins to check whether that leads to the other end. False where the policy forbids it, or there are too many. */
  try(carrier: Carrier, address: WireAddress): boolean {
    return this.#pathTo(carrier, address) !== undefined
  }

  /**
   * Sends a check that is not followed up: what comes back by it, or because of it, makes a path of it. False where the policy forbids it, or it
   * did not leave.
   */
  probe(carrier: Carrier, to: WireAddress): boolean {
    const { local, remote, isControlling, policy } = this.#options
    if (rankOf(carrier.kind, policy) === undefined) return false
    const contents = { transactionId: this.#newId(), isControlling, nomination: undefined }
    return carrier.send(encodeCheck(contents, { local, remote }), to)
  }

  /** Whether a path by it answers. */
  uses(carrier: Carrier): boolean {
    return this.#paths.values().some((path) => path.carrier === carrier && path.state === 'alive')
  }

  /** What that carried is gone: a relay's lease has ended, a tunnel was closed. */
  drop(carrier: Carrier): void {
    for (const path of this.#paths.values()) if (path.carrier === carrier) this.#paths.delete(path.name)
    this.#chooseAnew()
  }

  /** This machine is on another network: what was dead may live, and what lives may be another path. */
  networkChanged(): void {
    for (const path of this.#paths.values()) path.hope(this.#nowMs)
  }

  /** A check or an answer that came by `carrier`. False where it is forged, or forbidden by the policy: it was dropped. */
  receive(message: ReceivedStun, carrier: Carrier, from: WireAddress): boolean {
    const { local, remote } = this.#options
    if (message.kind === 'success') {
      const path = this.#paths.get(carrier.nameOf(from))
      if (!path || !isSealedWith(message, remote.password)) return false
      if (!path.answered(idOf(message.transactionId), this.#nowMs)) return true
      if (this.#awaited?.path === path) this.#nominated(path, this.#awaited.nomination)
      this.#chooseAnew()
      return true
    }
    if (message.kind !== 'request' || message.notUnderstood.length > 0) return false
    if (!isSealedWith(message, local.password)) return false
    // One that came from where nobody said it would is a path too: that is how symmetric NATs are passed.
    const path = this.#pathTo(carrier, from)
    if (!path) return false
    carrier.send(encodeCheckAnswer(message.transactionId, from, local.password), from)
    if (path.state !== 'alive') {
      path.hope(this.#nowMs)
      this.#check(path)
    }
    const { nomination, useCandidate } = message.attributes
    if (useCandidate && nomination !== undefined) this.#nominated(path, nomination)
    return true
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
    this.#paths.clear()
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs()
  }

  #pathTo(carrier: Carrier, address: WireAddress): CheckedPath | undefined {
    const known = this.#paths.get(carrier.nameOf(address))
    if (known) return known
    const rank = rankOf(carrier.kind, this.#options.policy)
    if (rank === undefined) return undefined
    if (this.#paths.size >= mostPaths && !this.#forgetOne()) return undefined
    const path = new CheckedPath(carrier, address, rank, this.#nowMs)
    this.#paths.set(path.name, path)
    return path
  }

  /** The oldest that does not answer. */
  #forgetOne(): boolean {
    const idle = this.#paths.values().find(({ state, name }) => state !== 'alive' && name !== this.#choice.current)
    return idle !== undefined && this.#paths.delete(idle.name)
  }

  #tick(): void {
    const nowMs = this.#nowMs
    const taken = this.#choice.current === undefined ? undefined : this.#paths.get(this.#choice.current)
    const paths = [...this.#paths.values()]
    const others = paths.filter((path) => path !== taken)
    for (const path of others) path.tick(nowMs)
    const hasDied =
      taken?.tick(
        nowMs,
        others.map(({ meter }) => meter),
      ) === true
    // Where all are silent it is the other end that stands still, and there is none to go to.
    for (const path of hasDied ? others : [])
      if (path.state === 'alive' && path.meter.isSilent(nowMs)) path.giveUp(nowMs)
    const isWanted = taken?.isInDoubt(nowMs) === true
    for (const path of paths) if (path.isDue(nowMs, { isTaken: path === taken, isWanted })) this.#check(path)
    this.#chooseAnew()
  }

  #check(path: CheckedPath): void {
    const { local, remote, isControlling } = this.#options
    const transactionId = this.#newId()
    const isTaken = isControlling && path.name === this.#choice.current
    const contents = { transactionId, isControlling, nomination: isTaken ? this.#nomination : undefined }
    path.meter.sent(idOf(transactionId), this.#nowMs)
    path.carrier.send(encodeCheck(contents, { local, remote }), path.address)
  }

  /** The end that follows chooses only when the path that it was told of is dead. */
  #chooseAnew(): void {
    const nowMs = this.#nowMs
    const current = this.#choice.current === undefined ? undefined : this.#paths.get(this.#choice.current)
    const follows = !this.#options.isControlling
    if (follows && current?.state === 'alive') return this.#found(current.name)
    if (follows && (this.#choice.current === undefined || current?.state === 'untried')) return
    const views = this.#views()
    if (this.#waitsForBetter(views, nowMs)) return
    const { choice, move } = chooseAnew(this.#choice, views, nowMs)
    this.#choice = choice
    if (move) {
      this.#isLost = false
      this.#nomination += follows ? 0 : 1
      const taken = this.#paths.get(move.to)
      // So that the other end hears of it at once, and not with the next check that is due.
      if (taken && !follows) this.#check(taken)
      this.#tell(move.from, move.cause)
    } else if (current?.state === 'dead' || (choice.current !== undefined && !current)) this.#lost()
    else if (current?.state === 'alive') this.#found(current.name)
  }

  /** The path that was lost answers again, before there was another one. */
  #found(name: string): void {
    if (!this.#isLost) return
    this.#isLost = false
    this.#tell(name, 'back')
  }

  #lost(): void {
    if (this.#isLost) return
    this.#isLost = true
    const { onPath } = this.#options
    onPath({ path: undefined, from: this.#choice.current, cause: 'lost', explanation: this.explanation })
  }

  #waitsForBetter(views: readonly PathView[], nowMs: number): boolean {
    const alive = views.filter(({ state }) => state === 'alive')
    if (this.#choice.current !== undefined || alive.length === 0) return false
    this.#firstMs ??= nowMs
    const isBest = alive.some(({ rank }) => rank === 0)
    return !isBest && nowMs - this.#firstMs < patienceMs
  }

  #nominated(path: CheckedPath, nomination: number): void {
    if (this.#options.isControlling || nomination < this.#nomination) return
    const from = this.#choice.current
    const isNews = nomination > this.#nomination || from === undefined
    // The same nomination by another path, after this end had to help itself or the other end's address has changed: the other one gets answers by it.
    if (path.state === 'dead' || (!isNews && from !== path.name && path.state !== 'alive')) {
      this.#awaited = { path, nomination }
      return
    }
    this.#awaited = undefined
    if (!isNews && from === path.name) return
    this.#nomination = nomination
    if (from === path.name && !this.#isLost) return
    this.#isLost = false
    this.#choice = { ...this.#choice, current: path.name, rivals: {} }
    this.#tell(from, 'nominated')
  }

  #tell(from: string | undefined, cause: Exclude<PathNews['cause'], 'lost'>): void {
    const said = cause === 'nominated' || cause === 'back' ? undefined : cause
    const explanation = explainChoice(this.#choice, this.#views(), said)
    this.#options.onPath({ path: this.current, from, cause, explanation })
  }

  #views(): PathView[] {
    const nowMs = this.#nowMs
    const taken = this.#choice.current === undefined ? undefined : this.#paths.get(this.#choice.current)
    const recent = taken?.meter.recentLosses(nowMs)
    return [...this.#paths.values()].map((path) => ({
      name: path.name,
      kind: path.kind,
      rank: path.rank,
      state: path.state,
      roundTripMs: path.roundTripMs ?? 0,
      lossRatio: path.meter.lossRatio,
      judged: path.meter.judged,
      recent: path === taken && recent ? recent : path.meter.recentLosses(nowMs, recent?.sinceMs),
    }))
  }
}

function idOf(transactionId: Uint8Array): string {
  return Buffer.from(transactionId).toString('latin1')
}
