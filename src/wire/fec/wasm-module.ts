/**
 * The bytes of a WebAssembly module (core specification 2.0, section 5) with one memory and some functions, all exported. There is
 * nothing to be built or loaded: a few hundred bytes are written by their names.
 */
export interface WasmFunction {
  /** All of them are i32, and there is no result. */
  readonly parameters: number
  /** Further locals. */
  readonly v128Locals: number
  readonly body: readonly number[]
}

const i32 = 0x7f
const v128 = 0x7b
const end = 0x0b
/** `\0asm`, and the version. */
const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** The functions are exported by their names, the memory as `memory`; it can grow. */
export function wasmModule(functions: Readonly<Record<string, WasmFunction>>): Uint8Array<ArrayBuffer> {
  const all = Object.entries(functions)
  return Uint8Array.from([
    ...header,
    ...section(
      1,
      vector(all.map(([, { parameters }]) => [0x60, ...vector(Array.from({ length: parameters }, () => [i32])), 0])),
    ),
    ...section(3, vector(all.map((_, type) => unsigned(type)))),
    ...section(5, [1, 0, 1]),
    ...section(
      7,
      vector([[...name('memory'), 2, 0], ...all.map(([each], index) => [...name(each), 0, ...unsigned(index)])]),
    ),
    ...section(10, vector(all.map(([, each]) => codeOf(each)))),
  ])
}

function codeOf({ v128Locals, body }: WasmFunction): number[] {
  const code = [1, ...unsigned(v128Locals), v128, ...body, end]
  return [...unsigned(code.length), ...code]
}

/** LEB128. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)]
  return [...unsigned(bytes.length), ...bytes]
}
