import type { SourceSpec } from '../../media/contract/producer.ts'
import type { App } from '../apps/definition/app.ts'
import type { Display } from '../display/contract/display.ts'
import type { DisplayRequest, HostParts, SoundRequest, WaitingRoomText } from '../contract/host-parts.ts'
import { plainScope, type RunScope } from '../run/contract/run-scope.ts'
import type { RunOptions } from '../run/contract/runner.ts'
import { MemoryApp } from './memory-app.ts'
import { MemoryDisplay } from './memory-display.ts'
import { MemoryGamepads } from './memory-gamepads.ts'
import { MemoryProducer } from './memory-producer.ts'
import { MemorySound } from './memory-sound.ts'

/** What can be asked to fail or to wait. */
export type MemoryPart = 'display' | 'sound' | 'producer' | 'app'

/** What can only wait: the first window on a new display. */
type MemoryWindow = 'window'

/**
 * All parts of a host in memory: no process, no native code, no socket. A host on these behaves in all that concerns
 * lobbies, sessions and their order in time, so that this can be seen in virtual time and without a display.
 */
export class MemoryParts implements HostParts {
  readonly layouts: HostParts['layouts'] = [
    { name: 'us', title: 'English (US)' },
    { name: 'us(dvorak)', title: 'English (Dvorak)' },
    { name: 'de', title: 'German' },
    { name: 'fr', title: 'French' },
  ]
  readonly gamepads = new MemoryGamepads()
  /** What is open now, oldest first. */
  readonly displays = new Set<MemoryDisplay>()
  readonly sounds = new Set<MemorySound>()
  readonly producers = new Set<MemoryProducer>()
  readonly rooms = new Map<MemoryProducer, WaitingRoomText>()
  readonly running = new Set<MemoryApp>()
  /** Which server new displays have. */
  displayServer: Display['server'] = 'Xvnc'
  /** Whether new lobby producers are live at once. */
  liveAtOnce = true
  readonly #failures = new Map<MemoryPart, Error[]>()
  readonly #gates = new Map<MemoryPart | MemoryWindow, Promise<void>>()
  #opened = 0

  /** Everything that is open now. */
  get open(): number {
    const { displays, gamepads, producers, rooms, running, sounds } = this
    return displays.size + producers.size + rooms.size + running.size + sounds.size + gamepads.plugged.size
  }

  /** The next opening of this part fails. */
  failNext(part: MemoryPart, error: Error): void {
    this.#failures.set(part, [...(this.#failures.get(part) ?? []), error])
  }

  /** Openings of this part wait until the returned function is called. */
  hold(part: MemoryPart | MemoryWindow): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gates.set(part, promise)
    return () => {
      this.#gates.delete(part)
      resolve()
    }
  }

  async openDisplay(request: DisplayRequest): Promise<MemoryDisplay> {
    await this.#pass('display')
    const name = `:memory-${++this.#opened}`
    const display = new MemoryDisplay(name, request, this.displayServer, this.#gates.get('window'))
    return track(this.displays, display)
  }

  async openSound({ name, layout }: SoundRequest): Promise<MemorySound> {
    await this.#pass('sound')
    return track(this.sounds, new MemorySound(name, layout))
  }

  async openScope(): Promise<RunScope> {
    return plainScope((options) => this.runApp(options))
  }

  async runApp(options: RunOptions): Promise<MemoryApp> {
    await this.#pass('app')
    return track(this.running, new MemoryApp(options))
  }

  async openProducer(id: string, spec: SourceSpec): Promise<MemoryProducer> {
    await this.#pass('producer')
    const producer = new MemoryProducer(id, spec)
    if (this.liveAtOnce) producer.goLive()
    return track(this.producers, producer)
  }

  openWaitingRoom(id: string, text: WaitingRoomText): MemoryProducer {
    const room = new MemoryProducer(id)
    room.goLive()
    this.rooms.set(room, text)
    void room.closed.then(() => this.rooms.delete(room))
    return room
  }

  async #pass(part: MemoryPart): Promise<void> {
    await this.#gates.get(part)
    const error = this.#failures.get(part)?.shift()
    if (error) throw error
  }
}

/** An app that runs on memory parts. */
export const memoryApp: App = {
  id: 'memory',
  title: 'Memory',
  size: { width: 1280, height: 720 },
  fps: 60,
  unavailable: undefined,
  source: {
    kind: 'display',
    sound: 'stereo',
    prepare: async () => ({ command: ['memory'], env: {}, afterResize: undefined }),
  },
}

function track<T extends { readonly closed: Promise<unknown> }>(all: Set<T>, one: T): T {
  all.add(one)
  void one.closed.then(() => all.delete(one))
  return one
}
