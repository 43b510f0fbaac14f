import { bareSecurityHeaders } from '../../http/security-headers.ts'

/** What a page of this server may use of the browser; everything else that is risky stays off. */
const permissionsPolicy = [
  'autoplay=(self)',
  'clipboard-read=(self)',
  'clipboard-write=(self)',
  'fullscreen=(self)',
  'gamepad=(self)',
  'keyboard-map=(self)',
  'microphone=(self)',
  'screen-wake-lock=(self)',
  'camera=()',
  'display-capture=()',
  'geolocation=()',
  'payment=()',
  'usb=()',
].join(', ')

/**
 * Headers of every answer. `host` is the checked Host header, or undefined when there is none to trust: browsers differ
 * in whether `'self'` covers WebSockets, so the page is told its own WebSocket address.
 *
 * There is no Strict-Transport-Security (RFC 6797). It would make the warning of the host's own certificate a wall; it goes
 * for a name with all of its ports, so for other servers on the machine too; and plain HTTP is meant to go on working.
 */
export function securityHeaders(host: string | undefined): Record<string, string> {
  const sockets = host === undefined ? '' : ` ws://${host} wss://${host}`
  return {
    ...bareSecurityHeaders,
    'Content-Security-Policy': [
      "default-src 'self'",
      // The audio worklet of media through the web port travels with the page's own program.
      "script-src 'self' blob:",
      `connect-src 'self'${sockets}`,
      "img-src 'self' blob: data:",
      "media-src 'self' blob:",
      "worker-src 'self' blob:",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': permissionsPolicy,
  }
}
