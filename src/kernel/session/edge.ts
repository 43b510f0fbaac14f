import type { MessageProof, SignedEdge } from './auth/signed-edge.ts'
import type { LocalType } from '../protocol/local-type.ts'
import { BoundedBuffer, type BufferConfig, defaultBufferConfig } from '../bounded-buffer.ts'

/** A directed pair of roles, as a key: `buyer->seller`. */
export type EdgeName = `${string}->${string}`

export function edgeName(from: string, to: string): EdgeName {
  return `${from}->${to}`
}

/** One message under way. */
export interface EdgeMessage {
  readonly label: string
  readonly payload: unknown
  /** The session's epoch when it was sent. */
  readonly epoch: number
  /** There when the session is authenticated. */
  readonly proof?: MessageProof
}

/**
 * What is bound to an edge at run time: it is called with each message before the message is under way, to carry it to
 * another process or to keep a record. What it throws refuses the message: the sender is told and stays where it was.
 * A message that was carried away stays under way here until the other end's `receive` is repeated here; so the buffer
 * bounds what the other end has not confirmed.
 */
export type EdgeHandler = (message: EdgeMessage) => void

/** The handler of an edge inside one process. */
export const passThrough: EdgeHandler = () => {}

/** One directed edge that the protocol has. */
export class Edge {
  readonly from: string
  readonly to: string
  readonly handler: EdgeHandler
  readonly buffer: BoundedBuffer<EdgeMessage>
  /** Undefined when the session is not authenticated. */
  readonly signed: SignedEdge | undefined

  constructor(
    from: string,
    to: string,
    handler: EdgeHandler,
    config: BufferConfig = defaultBufferConfig,
    signed?: SignedEdge,
  ) {
    this.signed = signed
    this.from = from
    this.to = to
    this.handler = handler
    this.buffer = new BoundedBuffer(config)
  }

  /** Labels under way, oldest first: what the receiver's type has yet to consume. */
  get trace(): string[] {
    return [...this.buffer.values()].map((message) => message.label)
  }
}

/** The directed edges on which `role` sends or receives, by its local type. */
export function edgesOf(role: string, local: LocalType, found = new Map<EdgeName, readonly [string, string]>()) {
  const seen = new Set<LocalType>()
  const walk = (type: LocalType): void => {
    if (seen.has(type)) return
    seen.add(type)
    if (type.kind === 'mu') walk(type.body)
    if (type.kind !== 'send' && type.kind !== 'receive') return
    const [from, to] = type.kind === 'send' ? [role, type.to] : [type.from, role]
    found.set(edgeName(from, to), [from, to])
    for (const branch of type.branches) walk(branch.next)
  }
  walk(local)
  return found
}
