import { type Closable, Ending } from '../kernel/ending.ts'
import { type Readable, Writable } from '../kernel/readable.ts'
import type { MediaSink, Producer, Watch, WatchRequest } from './contract/producer.ts'
import { SwitchedWatch } from './switched-watch.ts'

/** Shows one viewer one producer after another, without a gap between them. */
export interface MediaSwitch extends Closable {
  /** What is to be seen; the viewer sees the former target until this one's first key picture. */
  readonly target: Readable<Producer>
  /**
   * Begins to feed a viewer. Two can be fed at once, so that a viewer can move from one path to another without a gap; a
   * third takes the place of the oldest, whose watch ends.
   */
  attach(request: WatchRequest, sink: MediaSink): Watch
  /** Moves to another producer; nothing happens when it is the target already. */
  to(producer: Producer): void
}

export function openMediaSwitch(initial: Producer): MediaSwitch {
  return new SessionSwitch(initial)
}

class SessionSwitch implements MediaSwitch {
  readonly closed
  readonly #target: Writable<Producer>
  readonly #ending = new Ending(() => {
    for (const watch of this.#watches) watch.close()
  })
  #watches: readonly SwitchedWatch[] = []

  constructor(initial: Producer) {
    this.#target = new Writable(initial)
    this.closed = this.#ending.closed
  }

  get target(): Readable<Producer> {
    return this.#target
  }

  attach(request: WatchRequest, sink: MediaSink): Watch {
    const watch = new SwitchedWatch(request, sink)
    if (this.#ending.begun) {
      watch.close()
      return watch
    }
    const open = this.#watches.filter(({ closed }) => !closed)
    for (const oldest of open.slice(0, -1)) oldest.close()
    this.#watches = [...open.slice(-1), watch]
    watch.show(this.#target.value)
    return watch
  }

  to(producer: Producer): void {
    if (this.#ending.begun || producer === this.#target.value) return
    this.#target.set(producer)
    for (const watch of this.#watches) watch.show(producer)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
