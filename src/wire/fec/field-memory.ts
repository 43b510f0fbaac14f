import { addMultiple, productsOf } from './parity-coder.ts'
import { unsigned, wasmModule } from './wasm-module.ts'

/** Bytes of GF(2^8) in a memory of their own, of which multiples are added to each other. All places and lengths are whole {@link lanes}. */
export interface FieldMemory {
  /** Valid until more is reserved. */
  readonly bytes: Uint8Array
  /** There is so much, at least; what was written stays. */
  reserve(bytes: number): void
  add(to: number, from: number, bytes: number): void
  addMultiple(to: number, from: number, bytes: number, factor: number): void
  /** Of a transform: `to` and the multiple of `from` are the new `to`, and that and `from` the new `from`. */
  butterfly(to: number, from: number, bytes: number, factor: number): void
  /** The other way round. */
  inverseButterfly(to: number, from: number, bytes: number, factor: number): void
}

/** Bytes that are worked on at once. */
export const lanes = 16

/** The fastest that this machine has. */
export function fieldMemory(): FieldMemory {
  for (const swizzle of swizzles) {
    try {
      return simdMemory(swizzle)
    } catch {
      // Not here: the next one is slower, and there on more machines.
    }
  }
  return new PlainMemory()
}

/** What looks up 16 bytes in 16 others: the relaxed one need not care for indices that are none, and there are none here. */
const swizzles = ['relaxed', 'strict'] as const
const swizzleCodes = { relaxed: 0x100, strict: 14 } as const

/** Throws where WebAssembly has no such instruction. */
export function simdMemory(swizzle: (typeof swizzles)[number]): FieldMemory {
  return new SimdMemory(swizzleCodes[swizzle])
}

/** Anywhere. */
export class PlainMemory implements FieldMemory {
  bytes = new Uint8Array(0)

  reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return
    const more = new Uint8Array(bytes)
    more.set(this.bytes)
    this.bytes = more
  }

  add(to: number, from: number, bytes: number): void {
    this.addMultiple(to, from, bytes, 1)
  }

  addMultiple(to: number, from: number, bytes: number, factor: number): void {
    addMultiple(this.bytes, to, this.bytes, from, bytes, productsOf(factor))
  }

  butterfly(to: number, from: number, bytes: number, factor: number): void {
    this.addMultiple(to, from, bytes, factor)
    this.add(from, to, bytes)
  }

  inverseButterfly(to: number, from: number, bytes: number, factor: number): void {
    this.add(from, to, bytes)
    this.addMultiple(to, from, bytes, factor)
  }
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  add(to: number, from: number, end: number): void
  addMultiple: SimdStep
  butterfly: SimdStep
  inverseButterfly: SimdStep
}

type SimdStep = (to: number, from: number, end: number, multiples: number) => void

/** Every platform of ours has it, and not every one's types tell. */
const { WebAssembly: webAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: Exports }
  }
}

const multiplesBytes = 32
const tablesBytes = 256 * multiplesBytes
const pageBytes = 65_536

/**
 * By 16 bytes at a time, some twenty times as fast as without: a product is the sum of two products of half a byte, and a swizzle
 * looks up sixteen of them at once.
 *
 *     memory: | multiples of each factor: 16 bytes for the lower halves, 16 for the upper ones | what is worked on |
 */
class SimdMemory implements FieldMemory {
  bytes = new Uint8Array(0)
  readonly #exports: Exports

  constructor(swizzle: number) {
    const { Module, Instance } = webAssembly
    this.#exports = new Instance(new Module(moduleBytes(swizzle))).exports
    this.reserve(0)
    const tables = new Uint8Array(this.#exports.memory.buffer, 0, tablesBytes)
    for (let factor = 0; factor < 256; factor++) {
      const products = productsOf(factor)
      for (let half = 0; half < 16; half++) {
        tables[factor * multiplesBytes + half] = products[half] as number
        tables[factor * multiplesBytes + 16 + half] = products[half << 4] as number
      }
    }
  }

  reserve(bytes: number): void {
    const { memory } = this.#exports
    const lacking = tablesBytes + bytes - memory.buffer.byteLength
    if (lacking > 0) memory.grow(Math.ceil(lacking / pageBytes))
    if (this.bytes.buffer !== memory.buffer) this.bytes = new Uint8Array(memory.buffer, tablesBytes)
  }

  add(to: number, from: number, bytes: number): void {
    const start = tablesBytes + from
    this.#exports.add(tablesBytes + to, start, start + bytes)
  }

  addMultiple(to: number, from: number, bytes: number, factor: number): void {
    this.#run(this.#exports.addMultiple, to, from, bytes, factor)
  }

  butterfly(to: number, from: number, bytes: number, factor: number): void {
    this.#run(this.#exports.butterfly, to, from, bytes, factor)
  }

  inverseButterfly(to: number, from: number, bytes: number, factor: number): void {
    this.#run(this.#exports.inverseButterfly, to, from, bytes, factor)
  }

  #run(step: SimdStep, to: number, from: number, bytes: number, factor: number): void {
    const start = tablesBytes + from
    step(tablesBytes + to, start, start + bytes, factor * multiplesBytes)
  }
}

function moduleBytes(swizzleCode: number): Uint8Array<ArrayBuffer> {
  const [to, from, end, multiples, lower, upper, bytes, sum] = [0, 1, 2, 3, 4, 5, 6, 7] as const
  const get = (local: number) => [0x20, local]
  const set = (local: number) => [0x21, local]
  /** And leaves it. */
  const tee = (local: number) => [0x22, local]
  const constant = (value: number) => [0x41, value]
  const simd = (opcode: number) => [0xfd, ...unsigned(opcode)]
  const loadAt = (offset: number) => [...simd(0), 0, offset]
  const load = (local: number) => [...get(local), ...loadAt(0)]
  const store = [...simd(11), 0, 0]
  const loop = [0x03, 0x40]
  /** Takes two numbers, and ends the loop when the first is not less. */
  const againWhileLess = [0x49, 0x0d, 0, 0x0b]
  const swizzle = simd(swizzleCode)
  const splat = simd(15)
  const and = simd(78)
  const xor = simd(81)
  const shiftRight = simd(109)
  const forward = (local: number) => [...get(local), ...constant(lanes), 0x6a, ...set(local)]
  const each = (body: readonly number[]) => [
    ...loop,
    ...body,
    ...forward(to),
    ...forward(from),
    ...get(from),
    ...get(end),
    ...againWhileLess,
  ]
  const tables = [...get(multiples), ...loadAt(0), ...set(lower), ...get(multiples), ...loadAt(16), ...set(upper)]
  const lowHalves = [...get(bytes), ...constant(0x0f), ...splat, ...and]
  const highHalves = [...get(bytes), ...constant(4), ...shiftRight]
  /** Of `bytes`. */
  const multiple = [...get(lower), ...lowHalves, ...swizzle, ...get(upper), ...highHalves, ...swizzle, ...xor]
  const step = (body: readonly number[]) => ({ parameters: 4, v128Locals: 4, body: [...tables, ...each(body)] })
  const newTo = [...load(from), ...set(bytes), ...load(to), ...multiple, ...xor]
  // What a store writes to stands in front of what it writes.
  return wasmModule({
    add: { parameters: 3, v128Locals: 0, body: each([...get(to), ...load(to), ...load(from), ...xor, ...store]) },
    addMultiple: step([...get(to), ...newTo, ...store]),
    butterfly: step([
      ...get(to),
      ...newTo,
      ...tee(sum),
      ...store,
      ...get(from),
      ...get(bytes),
      ...get(sum),
      ...xor,
      ...store,
    ]),
    inverseButterfly: step([
      ...get(from),
      ...load(from),
      ...load(to),
      ...tee(sum),
      ...xor,
      ...tee(bytes),
      ...store,
      ...get(to),
      ...get(sum),
      ...multiple,
      ...xor,
      ...store,
    ]),
  })
}
