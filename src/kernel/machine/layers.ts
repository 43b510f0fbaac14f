import { MachineError } from './machine-error.ts'

/** Named locks of a machine, each held by one coroutine at a time and given on in order of asking. */
export class Layers {
  readonly #queues = new Map<string, number[]>()

  /** Asks for a layer, once or again; true when `coroutine` holds it. */
  acquire(layer: string, coroutine: number): boolean {
    const queue = this.#queues.get(layer) ?? []
    this.#queues.set(layer, queue)
    if (!queue.includes(coroutine)) queue.push(coroutine)
    return queue[0] === coroutine
  }

  /** Gives a layer back. Throws `not-holding`. */
  release(layer: string, coroutine: number): void {
    const queue = this.#queues.get(layer)
    if (queue?.[0] !== coroutine) {
      throw new MachineError(
        'not-holding',
        `Coroutine ${coroutine} cannot release layer "${layer}": it does not hold it`,
      )
    }
    queue.shift()
    if (queue.length === 0) this.#queues.delete(layer)
  }

  /** Gives back all that a coroutine holds or waits for, and tells which layers. */
  forget(coroutine: number): string[] {
    const touched: string[] = []
    for (const [layer, queue] of this.#queues) {
      if (!queue.includes(coroutine)) continue
      touched.push(layer)
      const left = queue.filter((other) => other !== coroutine)
      if (left.length > 0) this.#queues.set(layer, left)
      else this.#queues.delete(layer)
    }
    return touched
  }
}
