/**
 * The structures and requests of linux/uinput.h and linux/input.h as 64-bit Linux lays them out, little-endian. All
 * machines that Porchlight runs on are such.
 */

export const eventType = { syn: 0x00, key: 0x01, abs: 0x03, forceFeedback: 0x15, uinput: 0x101 } as const
/** Codes of {@link eventType.uinput} events. */
export const uinputCode = { upload: 1, erase: 2 } as const
export const effectType = { rumble: 0x50, gain: 0x60 } as const

/** ioctl requests: direction, size, letter `U` and number in one. */
export const request = {
  create: 0x5501,
  destroy: 0x5502,
  setup: 0x405c5503,
  absSetup: 0x401c5504,
  setEventBit: 0x40045564,
  setKeyBit: 0x40045565,
  setAbsBit: 0x40045567,
  setEffectBit: 0x4004556b,
  beginUpload: 0xc06855c8,
  endUpload: 0x406855c9,
  beginErase: 0xc00c55ca,
  endErase: 0x400c55cb,
} as const

export const inputEventBytes = 24
const setupBytes = 92
const absSetupBytes = 28
/** struct uinput_ff_upload: request, result, the effect and the one that it replaces. */
export const uploadBytes = 104
/** struct uinput_ff_erase: request, result, effect. */
export const eraseBytes = 12

export interface KernelEvent {
  readonly type: number
  readonly code: number
  readonly value: number
}

/** struct input_event; the kernel fills in the time. */
export function encodeEvents(events: readonly KernelEvent[]): Uint8Array {
  const bytes = new Uint8Array(inputEventBytes * events.length)
  const view = new DataView(bytes.buffer)
  events.forEach(({ type, code, value }, index) => {
    view.setUint16(inputEventBytes * index + 16, type, true)
    view.setUint16(inputEventBytes * index + 18, code, true)
    view.setInt32(inputEventBytes * index + 20, value, true)
  })
  return bytes
}

/** A rest that is no whole event is left out. */
export function decodeEvents(bytes: Uint8Array): KernelEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / inputEventBytes) }, (_, index) => ({
    type: view.getUint16(inputEventBytes * index + 16, true),
    code: view.getUint16(inputEventBytes * index + 18, true),
    value: view.getInt32(inputEventBytes * index + 20, true),
  }))
}

export interface DeviceIdentity {
  readonly bus: number
  readonly vendor: number
  readonly product: number
  readonly version: number
  readonly name: string
  /** How many effects an app can have loaded. */
  readonly effects: number
}

/** struct uinput_setup. */
export function encodeSetup({ bus, vendor, product, version, name, effects }: DeviceIdentity): Uint8Array {
  const bytes = new Uint8Array(setupBytes)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of [bus, vendor, product, version].entries()) view.setUint16(2 * index, value, true)
  bytes.set(new TextEncoder().encode(name).subarray(0, 79), 8)
  view.setUint32(88, effects, true)
  return bytes
}

export interface AxisRange {
  readonly code: number
  readonly min: number
  readonly max: number
  readonly fuzz: number
  readonly flat: number
}

/** struct uinput_abs_setup. */
export function encodeAbsSetup({ code, min, max, fuzz, flat }: AxisRange): Uint8Array {
  const bytes = new Uint8Array(absSetupBytes)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, code, true)
  for (const [index, value] of [0, min, max, fuzz, flat, 0].entries()) view.setInt32(4 + 4 * index, value, true)
  return bytes
}

/** An effect that an app has loaded. */
export interface LoadedEffect {
  readonly id: number
  readonly type: number
  /** 0 is for ever. */
  readonly lengthMs: number
  readonly strong: number
  readonly weak: number
}

/** The effect in a struct uinput_ff_upload. */
export function readUpload(bytes: Uint8Array): LoadedEffect {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const effect = 8
  return {
    type: view.getUint16(effect, true),
    id: view.getInt16(effect + 2, true),
    lengthMs: view.getUint16(effect + 10, true),
    strong: view.getUint16(effect + 16, true) / 0xffff,
    weak: view.getUint16(effect + 18, true) / 0xffff,
  }
}

/** The effect of a struct uinput_ff_erase. */
export function readErase(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(8, true)
}

/** Begins a struct with the request that it is about. */
export function withRequestId(length: number, requestId: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, requestId, true)
  return bytes
}
