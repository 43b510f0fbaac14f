import { BlockList, isIP, isIPv6 } from 'node:net'
import { BrowserGatewayError } from '../contract/gateway-error.ts'

/** What to do with a candidate of the other end. */
export type RemoteCandidate =
  /** `line` is the candidate again, with nothing in it but what ICE needs. */
  | { readonly kind: 'usable'; readonly line: string }
  | {
      readonly kind: 'ignored'
      /**
       * `name`: an mDNS or DNS name, which would have to be looked up on behalf of somebody else; `target`: no
       * browser can be there, and whoever is would be sent checks on behalf of somebody else.
       */
      readonly why: 'end-of-candidates' | 'name' | 'transport' | 'target'
    }

/** Where no browser is: nowhere (which means this machine to Linux), this machine, many at once, and what is reserved. */
const notBrowsers = new BlockList()
notBrowsers.addSubnet('0.0.0.0', 8, 'ipv4')
notBrowsers.addSubnet('127.0.0.0', 8, 'ipv4')
notBrowsers.addSubnet('224.0.0.0', 3, 'ipv4')
notBrowsers.addSubnet('::', 127, 'ipv6')
notBrowsers.addSubnet('ff00::', 8, 'ipv6')

/** Services have the ports below; a NAT keeps to its client's range (RFC 4787, REQ-3). */
const firstBrowserPort = 1024

/**
 * Reads `candidate:...` (RFC 8839, section 5.1). The browser's checks reach the host's own candidates and make the
 * ignored ones known as peer-reflexive, so that nothing is lost. Throws BrowserGatewayError `sdp-malformed`.
 */
export function readCandidate(text: string): RemoteCandidate {
  if (text === '') return { kind: 'ignored', why: 'end-of-candidates' }
  const match =
    /^(?:a=)?(?:candidate:)?([\w+/-]{1,32}) (\d{1,3}) (\w{1,8}) (\d{1,10}) (\S{1,255}) (\d{1,5}) typ (host|srflx|prflx|relay)( |$)/i.exec(
      text,
    )
  if (!match) throw new BrowserGatewayError('sdp-malformed', 'Cannot read candidate: it is not as in RFC 8839')
  const [, foundation, component, transport = '', priority, address = '', port, type = ''] = match
  if (component !== '1' || transport.toLowerCase() !== 'udp') return { kind: 'ignored', why: 'transport' }
  if (isIP(address) === 0) return { kind: 'ignored', why: 'name' }
  if (Number(port) < 1 || Number(port) > 65535 || Number(priority) > 0xffff_ffff) {
    throw new BrowserGatewayError('sdp-malformed', 'Cannot read candidate: its port or priority is out of range')
  }
  const isForBrowsers = !notBrowsers.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  if (!isForBrowsers || Number(port) < firstBrowserPort) return { kind: 'ignored', why: 'target' }
  const line = `candidate:${foundation} 1 UDP ${priority} ${address} ${port} typ ${type.toLowerCase()}`
  return { kind: 'usable', line }
}
