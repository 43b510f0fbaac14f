import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

type Phase =
  /** The head of the next request is on its way. */
  | { readonly kind: 'head' }
  /** It is here and waits for its turn. */
  | { readonly kind: 'waiting'; readonly leave: () => void }
  /** The request is being read and answered; a piece of its body may wait for its turn. */
  | RequestPhase
  /** Somebody else has the connection, or nobody. */
  | { readonly kind: 'over' }

interface RequestPhase {
  readonly kind: 'request'
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Bytes of the body that are still to come. */
  bodyLeft: number
  /** Takes a piece of the body out of the line again. */
  leave: (() => void) | undefined
  /** Once it was answered: ends the connection unless the rest of the body comes soon. */
  patience: NodeJS.Timeout | undefined
}

const nothing = Buffer.alloc(0)
const lineFeed = 0x0a
const carriageReturn = 0x0d
/**
 * What is given at a time of a body in chunks. Nobody can tell its end beforehand, and what comes behind it would be read as
 * well; and each of its chunks, which may be of one byte, costs as much as a large one.
 */
const pieceBytes = 512
/** What is still read of a body after its request was answered, and for how long, so that the answer gets through. */
const maxDrainedBytes = 64 * 1024
const drainMs = 500

export interface PacedConnectionOptions {
  readonly socket: Socket
  /** Makes the server read the socket. */
  readonly serve: (socket: Socket) => void
  /** Puts a head, or a piece of a body, in line, to be read when its turn comes. What takes it out; undefined without room. */
  readonly queue: (bytes: Buffer, work: () => void) => (() => void) | undefined
  /** Tells the client that there is no room for a request, and ends the connection. */
  readonly turnAway: () => void
}

/**
 * Hands a connection to Node's HTTP server request by request. The server would read all that comes, and begin to answer all
 * of it at once; here a request is read only when the one before it is answered, and what lies behind it stays in the socket.
 * The server's own parser reads everything: this only cuts the bytes where a head ends.
 */
export class PacedConnection {
  readonly #socket: Socket
  readonly #read: (bytes: Buffer) => void
  readonly #queue: PacedConnectionOptions['queue']
  readonly #turnAway: () => void
  readonly #onData = (bytes: Buffer) => this.receive(bytes)
  #phase: Phase = { kind: 'head' }
  /** What came of a head so far, and was read already: no more than the server takes of one. */
  #begun: Buffer = nothing

  constructor(options: PacedConnectionOptions) {
    const { socket, serve, queue, turnAway } = options
    this.#socket = socket
    this.#queue = queue
    this.#turnAway = turnAway
    serve(socket)
    // From here on the server reads what it is given.
    const [read] = socket.listeners('data') as ((bytes: Buffer) => void)[]
    if (!read) throw new Error('Cannot pace the connection: the server does not read it')
    this.#read = read
    socket.off('data', read).on('data', this.#onData)
    socket.once('close', () => this.#end())
  }

  /** What the connection waits for is for this end to do. */
  get isBusy(): boolean {
    const phase = this.#phase
    if (phase.kind !== 'request') return phase.kind === 'waiting'
    return phase.leave !== undefined || (phase.request.complete && !phase.response.writableEnded)
  }

  /** Takes bytes that came. */
  receive(bytes: Buffer): void {
    if (this.#phase.kind === 'head') this.#receiveHead(bytes)
    else if (this.#phase.kind === 'request' && !this.#phase.request.complete) this.#receiveBody(this.#phase, bytes)
    else this.#putBack(bytes)
  }

  /** The server has read a request; false for one that came behind another and is not to be answered. */
  began(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#phase.kind === 'request') return false
    const length = request.headers['content-length']
    const isChunked = request.headers['transfer-encoding'] !== undefined
    // What came behind such a body may have been read with it: nothing more is taken from this connection.
    if (isChunked) response.shouldKeepAlive = false
    const bodyLeft = isChunked ? Number.POSITIVE_INFINITY : Number(length ?? 0)
    this.#begun = nothing
    this.#phase = { kind: 'request', request, response, bodyLeft, leave: undefined, patience: undefined }
    response.once('close', () => this.#answered(request))
    return true
  }

  /** The connection goes on with another protocol; what came already is in the socket. */
  release(): void {
    this.#socket.off('data', this.#onData)
    this.#end()
  }

  #receiveHead(bytes: Buffer): void {
    const head = Buffer.concat([this.#begun, bytes])
    const end = endOfHead(head, this.#begun.length)
    if (end === undefined) {
      this.#begun = head
      return this.#read(bytes)
    }
    const last = bytes.subarray(0, end - this.#begun.length)
    this.#putBack(bytes.subarray(last.length))
    const leave = this.#queue(head.subarray(0, end), () => {
      this.#phase = { kind: 'head' }
      this.#begun = nothing
      this.#read(last)
      if (this.#isReading) this.#socket.resume()
    })
    this.#phase = leave ? { kind: 'waiting', leave } : { kind: 'over' }
    if (!leave) this.#turnAway()
  }

  #receiveBody(phase: RequestPhase, bytes: Buffer): void {
    const isChunked = phase.bodyLeft === Number.POSITIVE_INFINITY
    if (phase.leave) return this.#putBack(bytes)
    const piece = bytes.subarray(0, isChunked ? pieceBytes : phase.bodyLeft)
    const rest = bytes.subarray(piece.length)
    if (isChunked || rest.length > 0) this.#putBack(rest)
    if (!isChunked) return this.#readBody(phase, piece)
    phase.leave = this.#queue(piece, () => {
      phase.leave = undefined
      this.#readBody(phase, piece)
      // Unless nobody takes it: then the server resumes the socket when somebody does.
      const { request } = phase
      if (this.#isReading && request.readableLength < request.readableHighWaterMark) this.#socket.resume()
    })
    if (!phase.leave) this.#socket.destroy()
  }

  #readBody(phase: RequestPhase, piece: Buffer): void {
    phase.bodyLeft -= piece.length
    this.#read(piece)
    if (phase.request.complete && phase.patience !== undefined) this.#next(phase)
  }

  /** Something is still to come for what is being read. */
  get #isReading(): boolean {
    return this.#phase.kind === 'head' || (this.#phase.kind === 'request' && !this.#phase.request.complete)
  }

  /** Leaves bytes to be received again, when the socket is resumed. */
  #putBack(bytes: Buffer): void {
    this.#socket.pause()
    if (bytes.length > 0) this.#socket.unshift(bytes)
  }

  #answered(request: IncomingMessage): void {
    if (this.#phase.kind !== 'request' || this.#phase.request !== request) return
    if (this.#socket.destroyed || this.#socket.writableEnded) return this.#end()
    if (request.complete) this.#next(this.#phase)
    else this.#drain(this.#phase)
  }

  #next({ patience }: RequestPhase): void {
    clearTimeout(patience)
    this.#phase = { kind: 'head' }
    this.#socket.resume()
  }

  /** The rest of a body that nobody wants: most is on its way already, and an answer beside it could be lost. */
  #drain(phase: RequestPhase): void {
    if (phase.bodyLeft > maxDrainedBytes) return this.#socket.destroySoon()
    phase.patience = setTimeout(() => this.#socket.destroySoon(), drainMs).unref()
    this.#socket.resume()
  }

  #end(): void {
    if (this.#phase.kind === 'waiting') this.#phase.leave()
    if (this.#phase.kind === 'request') {
      this.#phase.leave?.()
      clearTimeout(this.#phase.patience)
    }
    this.#phase = { kind: 'over' }
    this.#begun = nothing
  }
}

/** Where the head ends that these bytes begin: behind its empty line. Undefined when that does not begin at `from` or later. */
function endOfHead(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(lineFeed, Math.max(0, from - 2)); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1] === carriageReturn ? at + 2 : at + 1
    if (bytes[next] === lineFeed && next >= from) return next + 1
  }
  return undefined
}
