import { WebSocketServer } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { websocketPipe } from '../../http/websocket-pipe.ts'
import type { ControlService } from '../../party/control/control-service.ts'
import { visitorOf } from '../../http/visitor-of.ts'
import { maxPartyMessageBytes } from '../../wire/party/socket.ts'
import { answerOfOffer, pathOf, refusalOfOffer } from '../../party/control/socket-offer.ts'
import { endWith, plainAnswer } from '../../http/plain-answer.ts'
import type { ConnectionLimits } from '../http/connection-limits.ts'
import { answerPings, frameLimits } from '../../http/frame-limits.ts'
import type { UpgradeListener } from '../http/pace-requests.ts'

/** Where peers' conversations with the control plane come in on the web port. */
export function openPartyDoor(options: {
  readonly service: ControlService
  readonly limits: ConnectionLimits
  readonly clock: Clock
  readonly log: Log
}): { readonly onUpgrade: UpgradeListener; close(): void } {
  const { service, limits, clock, log } = options
  const sockets = new WebSocketServer({
    ...frameLimits,
    maxPayload: maxPartyMessageBytes,
    handleProtocols: answerOfOffer,
  })
  return {
    onUpgrade(request, socket, head) {
      const refused = refusalOfOffer(request)
      if (refused) return endWith(socket, plainAnswer(refused))
      const path = pathOf(request)
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', (error) => log.debug('A peer’s socket failed', { error: error.message }))
        answerPings(webSocket, clock)
        service.accept(websocketPipe(webSocket, clock), {
          source: visitorOf(request),
          subprotocol: webSocket.protocol,
          ...(path !== undefined && { path }),
          onPing: (listener) => void webSocket.on('ping', listener),
          // A peer that is known is no stranger, and gives way to none.
          onIntroduced: (peerId, isProven) => {
            if (isProven) limits.admitted(request.socket, { key: `party ${peerId}`, queue: 'members' }, () => () => {})
          },
        })
      })
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}
