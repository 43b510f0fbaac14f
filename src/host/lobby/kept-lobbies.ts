import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { HostError } from '../contract/host-error.ts'
import type { AbsentLobby, LobbyArchive, LobbyRecord } from '../contract/lobby-archive.ts'
import type { HostedLobby } from './hosted-lobby.ts'

/** How long changes that nobody waits for are gathered before they are written down. */
const gatherMs = 1000
/** How long after a failure it is tried again, when the disk was full for instance. */
const againMs = 10_000

/** A write that is under way, and the one that comes after it, if there is to be one. */
interface Writing {
  readonly running: Promise<void>
  next: Promise<void> | undefined
}

/**
 * The lobbies that come back after a restart: how they are written down, and which of them could not come back. One write of a lobby
 * goes on at a time; what is asked for meanwhile is done by one more, which writes the lobby as it is then.
 */
export class KeptLobbies {
  readonly #archive: LobbyArchive | undefined
  readonly #clock: Clock
  readonly #log: Log
  readonly #writing = new Map<HostedLobby, Writing>()
  readonly #unwritten = new Map<HostedLobby, Timer>()
  /** Those that have ended, and are not to come back. */
  readonly #over = new WeakSet<HostedLobby>()
  /** Of those the ones that are written down still. */
  readonly #unforgotten = new Map<HostedLobby, Timer>()
  readonly #absent = new Map<string, AbsentLobby>()

  /** Without an archive nothing is kept. */
  constructor(options: { archive: LobbyArchive | undefined; clock: Clock; log: Log }) {
    this.#archive = options.archive
    this.#clock = options.clock
    this.#log = options.log
  }

  get absent(): ReadonlyMap<string, AbsentLobby> {
    return this.#absent
  }

  /** Writes a lobby down if that is its policy, and takes it out if not. Rejects with HostError `not-recorded`. */
  async keep(lobby: HostedLobby): Promise<void> {
    this.#unwritten.get(lobby)?.cancel()
    this.#unwritten.delete(lobby)
    try {
      await this.#write(lobby)
    } catch (error) {
      const message = `Cannot write down the lobby "${lobby.settings.value.title}": ${messageOf(error)}`
      throw new HostError('not-recorded', message, { cause: error })
    }
  }

  /** Writes down what nobody waits for, soon. */
  keepSoon(lobby: HostedLobby): void {
    if (lobby.settings.value.restart === 'never' || this.#unwritten.has(lobby)) return
    const timer = this.#clock.after(gatherMs, () => void this.#keepOrTell(lobby))
    this.#unwritten.set(lobby, timer)
  }

  /** Resolves when a lobby is written down as it is now, also what was to be written soon. Rejects with HostError `not-recorded`. */
  async written(lobby: HostedLobby): Promise<void> {
    if (this.#unwritten.has(lobby) || this.#writing.has(lobby)) await this.keep(lobby)
  }

  /** Writes down now what was to be written soon, for the last time. Never rejects. */
  async flush(): Promise<void> {
    const left = [...this.#unwritten.keys()].map((lobby) => this.#keepOrTell(lobby))
    left.push(...[...this.#unforgotten.keys()].map((lobby) => this.#forgetOrTell(lobby)))
    await Promise.all(left)
    for (const timer of [...this.#unwritten.values(), ...this.#unforgotten.values()]) timer.cancel()
    await Promise.allSettled([...this.#writing.values()].map(({ running, next }) => next ?? running))
  }

  /** For a lobby that has ended. What fails is told and tried again: at worst the lobby comes back once more. */
  forget(lobby: HostedLobby): void {
    this.#over.add(lobby)
    this.#unwritten.get(lobby)?.cancel()
    this.#unwritten.delete(lobby)
    void this.#forgetOrTell(lobby)
  }

  /** Opens what was written down, oldest first; what `open` refuses stays written down and is absent until the next start. */
  async restore(open: (record: LobbyRecord) => void): Promise<void> {
    for (const record of (await this.#archive?.list()) ?? []) {
      try {
        open(record)
      } catch (error) {
        const { id, settings, appId } = record
        const title = settings.title ?? appId
        const reason = messageOf(error)
        this.#absent.set(id, { id, title, reason })
        this.#log.warn('A lobby could not come back', { lobbyId: id, title, appId, reason })
      }
    }
  }

  /** Gives up a lobby that could not come back. Rejects with HostError `not-recorded` when it stays written down. */
  async giveUp({ id, title }: AbsentLobby): Promise<void> {
    try {
      await this.#archive?.forget(id)
    } catch (error) {
      throw new HostError('not-recorded', `Cannot forget the lobby "${title}": ${messageOf(error)}`, { cause: error })
    }
    this.#absent.delete(id)
  }

  async #keepOrTell(lobby: HostedLobby): Promise<void> {
    try {
      await this.keep(lobby)
    } catch (error) {
      this.#log.warn('Seats of a lobby could not be written down', { lobbyId: lobby.id, error })
      this.#unwritten.set(
        lobby,
        this.#clock.after(againMs, () => void this.#keepOrTell(lobby)),
      )
    }
  }

  async #forgetOrTell(lobby: HostedLobby): Promise<void> {
    this.#unforgotten.get(lobby)?.cancel()
    try {
      await this.#write(lobby)
      this.#unforgotten.delete(lobby)
    } catch (error) {
      this.#log.error('A lobby that has ended could not be forgotten', { lobbyId: lobby.id, error })
      this.#unforgotten.set(
        lobby,
        this.#clock.after(againMs, () => void this.#forgetOrTell(lobby)),
      )
    }
  }

  #write(lobby: HostedLobby): Promise<void> {
    const before = this.#writing.get(lobby)
    if (!before) return this.#begin(lobby)
    before.next ??= before.running.catch(() => {}).then(() => this.#begin(lobby))
    return before.next
  }

  #begin(lobby: HostedLobby): Promise<void> {
    const writing: Writing = { running: this.#act(lobby), next: undefined }
    this.#writing.set(lobby, writing)
    const done = () => {
      if (!writing.next) this.#writing.delete(lobby)
    }
    void writing.running.catch(() => {}).finally(done)
    return writing.running
  }

  async #act(lobby: HostedLobby): Promise<void> {
    const isForgotten = this.#over.has(lobby) || lobby.settings.value.restart === 'never'
    if (isForgotten) await this.#archive?.forget(lobby.id)
    else await this.#archive?.keep(recordOf(lobby))
  }
}

function recordOf(lobby: HostedLobby): LobbyRecord {
  const { id, appId, profile, createdAtMs } = lobby
  return { id, appId, profile, settings: lobby.settings.value, seats: lobby.leases.kept, createdAtMs }
}
