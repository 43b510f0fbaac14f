import type { InputMessage } from '../../domain/input-event.ts'
import type { SessionInput } from '../contract/stream-session.ts'

/** What a way hands its input to. */
export interface InputTarget {
  /** Throws where the session may not. */
  input(event: InputMessage): void
  /** Everything that is held down goes up. */
  release(): void
}

/** They hold nothing down; and of the old way a few may come late. */
const motions: ReadonlySet<InputMessage['type']> = new Set(['pointer', 'pointer-relative', 'wheel'])

/**
 * The ways by which a session's input comes: two while it moves from one path to another. What is held down belongs to the way
 * that held something last; with that it is released, or goes over to one that stands, and neither twice.
 */
export class SessionInputs {
  readonly #target: InputTarget
  /** In the order in which they were opened. */
  readonly #open = new Set<SessionInput>()
  #holder: SessionInput | undefined

  constructor(target: InputTarget) {
    this.#target = target
  }

  open(): SessionInput {
    const end = (next: () => SessionInput | undefined) => {
      if (!this.#open.delete(way) || this.#holder !== way) return
      this.#holder = next()
      if (!this.#holder) this.#target.release()
    }
    const way: SessionInput = {
      input: (event) => {
        if (!this.#open.has(way)) return
        this.#target.input(event)
        if (!motions.has(event.type)) this.#holder = way
      },
      handOn: () => end(() => [...this.#open].at(-1)),
      close: () => end(() => undefined),
    }
    this.#open.add(way)
    return way
  }
}
