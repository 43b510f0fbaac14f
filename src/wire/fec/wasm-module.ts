/**
 * The bytes of a WebAssembly module (core specification 2.0, section 5) with one memory and one function, both exported. There is
 * nothing to be built or loaded: a few hundred bytes are written by their names.
 */
export interface WasmFunction {
  /** All of them are i32, and there is no result. */
  readonly parameters: number
  /** Further locals by their type. */
  readonly i32Locals: number
  readonly v128Locals: number
  readonly body: readonly number[]
}

const i32 = 0x7f
const v128 = 0x7b
const end = 0x0b
/** `\0asm`, and the version. */
const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** The function is exported as `run`, the memory as `memory`; it can grow. */
export function wasmModule({ parameters, i32Locals, v128Locals, body }: WasmFunction): Uint8Array<ArrayBuffer> {
  const code = [2, ...unsigned(i32Locals), i32, ...unsigned(v128Locals), v128, ...body, end]
  return Uint8Array.from([
    ...header,
    ...section(1, [1, 0x60, ...unsigned(parameters), ...Array.from({ length: parameters }, () => i32), 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ])
}

/** LEB128. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)]
  return [...unsigned(bytes.length), ...bytes]
}
