import type { IncomingMessage, RequestListener } from 'node:http'
import { isSecure } from './is-secure.ts'
import type { UpgradeListener } from './pace-requests.ts'

/** What serves a way in on which nothing goes in the clear: a plain request is told the address by HTTPS, and that is all. */
export function httpsOnly(served: { onRequest: RequestListener; onUpgrade: UpgradeListener }): typeof served {
  return {
    onRequest(request, response) {
      if (isSecure(request)) return served.onRequest(request, response)
      response.writeHead(308, { Location: secureAddress(request), 'Content-Length': 0, Connection: 'close' }).end()
    },
    onUpgrade(request, socket, head) {
      if (isSecure(request)) return served.onUpgrade(request, socket, head)
      const lines = ['HTTP/1.1 308 Permanent Redirect', `Location: ${secureAddress(request)}`]
      socket.end(`${[...lines, 'Content-Length: 0', 'Connection: close'].join('\r\n')}\r\n\r\n`)
    },
  }
}

/** By the address that was reached, and not by the name that the request says it was sent to: anybody can say any. */
function secureAddress({ socket, url = '/' }: IncomingMessage): string {
  const { localAddress = '', localPort = 443 } = socket
  const name = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return `https://${name}:${localPort}${url.startsWith('/') ? url : '/'}`
}
