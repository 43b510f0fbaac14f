import koffi from 'koffi'
import { MeshError } from '../mesh/contract/mesh-error.ts'
import { addressBytes } from '../../wire/address-bytes.ts'
import type { FilterInstruction } from './packet-filter.ts'

/** Linux's numbers for what follows (socket(7), packet(7), raw(7)). */
const packetFamily = 17
const internetFamily = 2
const datagrams = 2
const raw = 3
const rawProtocol = 255
/** ETH_P_ALL: who asks for one protocol hears nothing of what is sent from here. */
const everyProtocol = 3
const socketLevel = 1
const receiveTimeout = 20
const attachFilter = 26
const doNotWait = 0x40

const libc = koffi.load('libc.so.6')
const filterType = koffi.struct({ code: 'uint16', jt: 'uint8', jf: 'uint8', k: 'uint32' })
const programType = koffi.struct({ len: 'uint16', filter: koffi.pointer(filterType) })
const socket = libc.func('int socket(int family, int kind, int protocol)')
const bind = libc.func('int bind(int fd, const void *address, uint32 bytes)')
const setBytes = libc.func('int setsockopt(int fd, int level, int option, const void *value, uint32 bytes)')
const setProgram = libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(programType), 'uint32'])
const receive = libc.func('long recv(int fd, void *into, size_t bytes, int flags)')
const sendTo = libc.func(
  'long sendto(int fd, const void *data, size_t bytes, int flags, const void *address, uint32 addressBytes)',
)
const closeDescriptor = libc.func('int close(int fd)')

/** Hears what a filter lets through of all that goes by this machine's interfaces, from the IP header on. */
export class CapturingSocket implements Disposable {
  readonly #descriptor: number
  readonly #buffer = Buffer.alloc(65_536)

  /** `patienceMs` is how long {@link receive} waits. Throws MeshError `not-permitted` without CAP_NET_RAW. */
  constructor(filter: readonly FilterInstruction[], patienceMs: number) {
    // Of no protocol, it hears nothing before the filter is there.
    this.#descriptor = opened(socket(packetFamily, datagrams, 0), 'listen to broadcasts')
    const program = { len: filter.length, filter: [...filter] }
    const timeout = Buffer.alloc(16)
    timeout.writeBigInt64LE(BigInt(Math.floor(patienceMs / 1000)), 0)
    timeout.writeBigInt64LE(BigInt((patienceMs % 1000) * 1000), 8)
    const address = Buffer.alloc(20)
    address.writeUInt16LE(packetFamily, 0)
    address.writeUInt16BE(everyProtocol, 2)
    const isReady =
      setProgram(this.#descriptor, socketLevel, attachFilter, program, 16) === 0 &&
      setBytes(this.#descriptor, socketLevel, receiveTimeout, timeout, timeout.length) === 0 &&
      bind(this.#descriptor, address, address.length) === 0
    if (isReady) return
    this[Symbol.dispose]()
    throw new MeshError('command-failed', `Cannot listen to broadcasts: ${lastError()}`)
  }

  /** Stands still until something comes, and undefined when nothing did. The bytes are the receiver's own. */
  receive(): Uint8Array | undefined {
    const length = receive(this.#descriptor, this.#buffer, this.#buffer.length, 0)
    return length > 0 ? Uint8Array.from(this.#buffer.subarray(0, length)) : undefined
  }

  [Symbol.dispose](): void {
    closeDescriptor(this.#descriptor)
  }
}

/** Sends packets of IPv4 as they are, with the headers that they have. */
export class RawSocket implements Disposable {
  readonly #descriptor: number
  readonly #address = Buffer.alloc(16)

  /** Throws MeshError `not-permitted` without CAP_NET_RAW. */
  constructor() {
    this.#descriptor = opened(socket(internetFamily, raw, rawProtocol), 'send broadcasts on')
    this.#address.writeUInt16LE(internetFamily, 0)
  }

  /** False when it did not leave. */
  send(packet: Uint8Array, to: string): boolean {
    this.#address.set(addressBytes(to) ?? [], 4)
    return sendTo(this.#descriptor, packet, packet.length, doNotWait, this.#address, this.#address.length) >= 0
  }

  [Symbol.dispose](): void {
    closeDescriptor(this.#descriptor)
  }
}

function opened(descriptor: number, to: string): number {
  if (descriptor >= 0) return descriptor
  throw new MeshError('not-permitted', `Cannot ${to}: ${lastError()} (it takes root, or CAP_NET_RAW)`)
}

function lastError(): string {
  return `error ${koffi.errno()} of the system`
}
