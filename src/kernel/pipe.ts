/** What a pipe carries at a time: a text, or bytes. */
export type PipeMessage = string | Uint8Array

/**
 * How a pipe ended: with the code that the end which closed it gave, in the numbers of RFC 6455 whatever carries it, or undefined
 * when it was cut without a word.
 */
export interface PipeEnd {
  readonly code: number | undefined
  /** What the other end has said of it, where the carrier passes that on: text of a stranger, for logs alone. */
  readonly reason?: string
}

/** RFC 6455, section 7.4.1: what an end closes with when it goes, as a browser does that leaves a page. */
export const goingAway = 1001

/** Where a pipe leads, for operators. */
export interface PipeEnds {
  readonly local: string
  readonly remote: string
}

export interface PipeListener {
  /** A message, in the order in which they were sent. */
  message(message: PipeMessage): void
  /** What came is no message: the other end breaks the rules of what carries the pipe, which is about to end. */
  fault(code: 'malformed' | 'too-long', message: string): void
}

/** One end of a way for messages, in order and both ways at once: a WebSocket, or the other half of a pair in the same process. */
export interface Pipe {
  /** Takes messages: until either end closes it. */
  readonly open: boolean
  /** What was sent and has not left yet, in bytes. Whoever sends keeps an eye on it. */
  readonly buffered: number
  /** Resolves when it is really gone. */
  readonly closed: Promise<PipeEnd>
  /** Hands over what comes, from the first message on that nobody was there for; to one listener alone. */
  listen(listener: PipeListener): void
  /** Does nothing when it is not open. */
  send(message: PipeMessage): void
  /** Nothing more is read of what comes. */
  pause(): void
  /** Ends it: after telling the other end, or with undefined at once. Idempotent. */
  close(code: number | undefined, reason: string): void
}
