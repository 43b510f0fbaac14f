import type { EnetFragment } from '../../wire/enet/enet-command.ts'

/** How far ahead of what is missing messages are kept. */
const windowMessages = 64
/** Of messages in fragments, together. */
const mostFragmentBytes = 65_536
const mostFragments = 64

interface Assembly {
  readonly bytes: Uint8Array
  readonly fragments: number
  readonly came: Set<number>
}

/** The reliable messages of one channel, once and in order. */
export class OrderedReceiving {
  #next = 1
  readonly #early = new Map<number, Uint8Array>()
  readonly #assemblies = new Map<number, Assembly>()

  /**
   * The messages that are whole and in order now. Undefined when this one is not to be acknowledged, since there is no room for it or
   * it contradicts itself.
   */
  take(sequence: number, data: Uint8Array): Uint8Array[] | undefined {
    const ahead = (sequence - this.#next) & 0xffff
    if (ahead >= 0x8000) return []
    if (ahead >= windowMessages) return undefined
    if (!this.#early.has(sequence)) this.#early.set(sequence, Uint8Array.from(data))
    return this.#inOrder()
  }

  takeFragment(sequence: number, fragment: EnetFragment): Uint8Array[] | undefined {
    const { startSequence, fragments, index, totalBytes, offset, data } = fragment
    const ahead = (sequence - this.#next) & 0xffff
    if (ahead >= 0x8000) return []
    if (ahead >= windowMessages || ((startSequence - this.#next) & 0xffff) >= windowMessages) return undefined
    if (fragments > mostFragments || totalBytes > mostFragmentBytes) return undefined
    if (index >= fragments || offset + data.length > totalBytes || ((startSequence + index) & 0xffff) !== sequence) {
      return undefined
    }
    const assembly = this.#assemblies.get(startSequence) ?? this.#begin(startSequence, fragments, totalBytes)
    if (assembly === undefined || assembly.fragments !== fragments || assembly.bytes.length !== totalBytes)
      return undefined
    assembly.bytes.set(data, offset)
    assembly.came.add(index)
    if (assembly.came.size < fragments) return []
    this.#assemblies.delete(startSequence)
    for (let part = 0; part < fragments; part++) {
      // A message has the number of its first fragment, and the others' are used up with it.
      this.#early.set((startSequence + part) & 0xffff, part === 0 ? assembly.bytes : nothing)
    }
    return this.#inOrder()
  }

  #begin(startSequence: number, fragments: number, totalBytes: number): Assembly | undefined {
    let bytes = totalBytes
    for (const assembly of this.#assemblies.values()) bytes += assembly.bytes.length
    if (bytes > mostFragmentBytes) return undefined
    const assembly = { bytes: new Uint8Array(totalBytes), fragments, came: new Set<number>() }
    this.#assemblies.set(startSequence, assembly)
    return assembly
  }

  #inOrder(): Uint8Array[] {
    const whole: Uint8Array[] = []
    for (let data = this.#early.get(this.#next); data !== undefined; data = this.#early.get(this.#next)) {
      this.#early.delete(this.#next)
      if (data !== nothing) whole.push(data)
      this.#next = (this.#next + 1) & 0xffff
    }
    return whole
  }
}

/** Stands for a fragment that is part of a message before it. */
const nothing = new Uint8Array(0)
