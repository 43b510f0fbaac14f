import type { Pipe } from '../../kernel/pipe.ts'

/** A call of a control plane. */
export interface PlaneRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query: "/auth/register?peer_id=ada". */
  readonly path: string
  readonly token?: string | undefined
  /** Sent as JSON. */
  readonly body?: unknown
}

/** How a control plane is reached: over a network, or in this process. */
export interface PlaneWay {
  /** For people and the log. */
  readonly address: string
  /** Rejects with PartyError `unreachable` where nothing answers. */
  request(request: PlaneRequest): Promise<{ readonly status: number; readonly json: unknown }>
  /** A conversation as at `/ws`, or what else its subprotocol says. Rejects with PartyError `unreachable`. */
  openSocket(subprotocol?: string): Promise<Pipe>
}
