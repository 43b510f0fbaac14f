import { signalCloseCode } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'

/**
 * What the close code of a signalling WebSocket means to the client. `lastRefusal` is the code of the last `error`
 * message: a host that closes ends all sessions, and takes them back when it runs again.
 */
export function closeError(code: number, reason: string, lastRefusal: string | undefined): ClientError {
  const because = reason ? `: ${reason}` : ''
  switch (code) {
    case signalCloseCode.protocolViolation:
      return new ClientError('protocol-violation', `The host ended the connection over a broken message${because}`)
    case signalCloseCode.incompatible:
      return new ClientError('incompatible-version', reason || 'This client is too old for the host')
    case signalCloseCode.revoked:
      if (lastRefusal === 'not-redeemed') {
        return new ClientError(
          lastRefusal,
          'The link has to be redeemed first, for a token of its own: it has a PIN or a number of uses',
          {
            hostCode: lastRefusal,
          },
        )
      }
      return new ClientError('revoked', `The host does not let you in${because}`)
    case signalCloseCode.sessionEnded:
      if (lastRefusal === 'gateway-closed') {
        return new ClientError('signalling-lost', 'The host is closing or restarting', { hostCode: lastRefusal })
      }
      if (lastRefusal === 'surrendered') {
        return new ClientError('session-moved', 'The session goes on elsewhere', { hostCode: lastRefusal })
      }
      return new ClientError('session-ended', `The host ended this session${because}`)
    default:
      return new ClientError('signalling-lost', `The connection to the host was lost (${code})${because}`)
  }
}
