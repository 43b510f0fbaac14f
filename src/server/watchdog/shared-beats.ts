/** What the main thread leaves for the watchdog, in memory that both share. */
export class SharedBeats {
  readonly memory: SharedArrayBuffer
  readonly #cells: Int32Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#cells = new Int32Array(memory)
  }

  /** `isDebugged`: a debugger may stop this thread for as long as it likes. */
  beat(isDebugged: boolean): void {
    Atomics.store(this.#cells, 1, isDebugged ? 1 : 0)
    Atomics.add(this.#cells, 0, 1)
  }

  get count(): number {
    return Atomics.load(this.#cells, 0)
  }

  /** As of the last beat. */
  get isDebugged(): boolean {
    return Atomics.load(this.#cells, 1) === 1
  }
}
