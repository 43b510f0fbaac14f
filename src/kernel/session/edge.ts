import type { MessageProof, SignedEdge } from './auth/signed-edge.ts'
import type { LocalType } from '../protocol/local-type.ts'
import { BoundedBuffer, type BufferConfig, defaultBufferConfig } from '../bounded-buffer.ts'
import { SessionError } from './contract/session-error.ts'

/** A directed pair of roles, as a key: `buyer->seller`. */
export type EdgeName = `${string}->${string}`

export function edgeName(from: string, to: string): EdgeName {
  return `${from}->${to}`
}

/** One message under way. */
export interface EdgeMessage {
  readonly label: string
  /** As it was sent; a frozen copy where messages are signed. */
  readonly payload: unknown
  /** The session's epoch when it was sent. */
  readonly epoch: number
  /** There when the session is authenticated. */
  readonly proof?: MessageProof
  /** What the payload's schema made of it, where that is not the payload itself. */
  readonly value?: unknown
}

/** What a message is worth to its receiver: the output of its payload's schema. */
export function valueOf(message: EdgeMessage): unknown {
  return 'value' in message ? message.value : message.payload
}

/**
 * What is bound to an edge at run time: it is called with each message before the message is under way, to carry it to
 * another process or to keep a record. What it throws refuses the message: the sender is told and stays where it was.
 * While it runs nobody can act for the sender; it may act for others, and end the session.
 * A message that was carried away stays under way here until the other end's `receive` is repeated here; so the buffer
 * bounds what the other end has not confirmed.
 */
export type EdgeHandler = (message: EdgeMessage) => void

/** The handler of an edge inside one process. */
export const passThrough: EdgeHandler = () => {}

/** What can be seen of an edge's buffer by everybody; only the session puts in and takes out. */
export interface BufferView {
  readonly size: number
  /** How many it has room for now; under `resize` this grows. */
  readonly capacity: number
  readonly isFull: boolean
  readonly values: () => Iterable<EdgeMessage>
  /** See {@link BoundedBuffer.changed}. */
  readonly changed: () => Promise<void>
}

/** One directed edge that the protocol has, as everybody sees it. */
export interface EdgeView {
  readonly from: string
  readonly to: string
  readonly buffer: BufferView
  /** Labels under way, oldest first: what the receiver's type has yet to consume. */
  readonly trace: readonly string[]
  /** Undefined when the session is not authenticated. */
  readonly signed: Pick<SignedEdge, 'history' | 'leaf'> | undefined
}

/** One directed edge. */
export class Edge implements EdgeView {
  readonly from: string
  readonly to: string
  readonly handler: EdgeHandler
  /** Its receiver has gone on without the next message, which was late: it is dropped when it comes. */
  isOwed = false
  readonly #buffer: BoundedBuffer<EdgeMessage>
  readonly #signed: SignedEdge | undefined

  constructor(
    from: string,
    to: string,
    handler: EdgeHandler,
    config: BufferConfig = defaultBufferConfig,
    signed?: SignedEdge,
  ) {
    this.#signed = signed
    this.from = from
    this.to = to
    this.handler = handler
    this.#buffer = new BoundedBuffer(config)
  }

  get trace(): string[] {
    return [...this.#buffer.values()].map((message) => message.label)
  }

  get buffer(): BufferView {
    const buffer = this.#buffer
    return {
      size: buffer.size,
      capacity: buffer.capacity,
      isFull: buffer.isFull,
      values: () => buffer.values(),
      changed: () => buffer.changed(),
    }
  }

  get signed(): SignedEdge | undefined {
    return this.#signed
  }

  /** The buffer to put in and take out. Only the session that the edge belongs to is given this function's result. */
  static bufferOf(edge: Edge): BoundedBuffer<EdgeMessage> {
    return edge.#buffer
  }

  /** What a full edge makes of one message more; undefined when it has room. Throws `edge-full` where that is its policy. */
  static refusalOf(edge: Edge, label: string): 'blocked' | 'dropped' | undefined {
    const buffer = edge.#buffer
    if (!buffer.isFull) return undefined
    if (buffer.policy !== 'error') return buffer.policy === 'drop' ? 'dropped' : 'blocked'
    throw new SessionError(
      'edge-full',
      `${edge.from} cannot send "${label}" to ${edge.to}: ${buffer.size} messages already wait for it`,
    )
  }
}

/** The directed edges on which `role` sends or receives, by its local type. */
export function edgesOf(role: string, local: LocalType): Map<EdgeName, readonly [from: string, to: string]> {
  const found = new Map<EdgeName, readonly [string, string]>()
  const seen = new Set<LocalType>([local])
  // A set grows while it is gone through.
  for (const type of seen) {
    if (type.kind === 'mu') seen.add(type.body)
    if (type.kind !== 'send' && type.kind !== 'receive') continue
    const [from, to] = type.kind === 'send' ? [role, type.to] : [type.from, role]
    found.set(edgeName(from, to), [from, to])
    for (const branch of type.branches) seen.add(branch.next)
  }
  return found
}
