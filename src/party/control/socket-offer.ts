import type { IncomingMessage } from 'node:http'
import { problemAnswer, type ProblemAnswer } from '../../http/problem.ts'
import { partySubprotocolOf } from '../../wire/party/tunnel.ts'
import { rendezvousSubprotocol } from '../../wire/reach/protocol.ts'
import { gatewayPlaceOf, registrationSubprotocol } from '../../wire/reach/registration.ts'
import { notFound } from './control-problem.ts'

type Asking = Pick<IncomingMessage, 'url' | 'headers'>

/** The path of a request's address; undefined for none. */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string | undefined {
  return URL.parse(url, 'http://plane')?.pathname
}

/** Why a control plane opens no WebSocket there; undefined where it does. */
export function refusalOfOffer(request: Asking): ProblemAnswer | undefined {
  const path = pathOf(request) ?? ''
  if (path === '/ws') return undefined
  const wanted = wantedOf(path)
  if (wanted === undefined) return notFound
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',', 8).map((name) => name.trim())
  if (offered.includes(wanted)) return undefined
  const detail = `Wanted the subprotocol ${wanted} there: use the same version of Porchlight at both ends`
  return problemAnswer({ status: 400, code: 'wrong-version', detail })
}

/** The subprotocol that is spoken from then on; false for none. */
export function answerOfOffer(offered: ReadonlySet<string>, request: Pick<IncomingMessage, 'url'>): string | false {
  return wantedOf(pathOf(request) ?? '') ?? partySubprotocolOf(offered)
}

function wantedOf(path: string): string | undefined {
  const place = gatewayPlaceOf(path)
  return place && (place.kind === 'registration' ? registrationSubprotocol : rendezvousSubprotocol)
}
