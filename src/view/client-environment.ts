import type { ClientOptions } from '../client/environment/client-options.ts'
import type { ClientEnvironment } from '../client/environment/environment.ts'
import { browserWebMedia } from '../client/web-media/web-media-platform.ts'
import { ticketSubprotocolPrefix } from '../wire/web-media/subprotocol.ts'
import { ViewError } from './contract/view-error.ts'
import type { NativeHost } from './host/native-host.ts'
import { PipeSocket } from './host/pipe-socket.ts'

/** The signalling address of a client on this environment: it is looked up nowhere. */
const nativeSignallingUrl = 'ws://porchlight.invalid/api/v1/signal'

/**
 * How a `PorchlightClient` in Node is made that reaches a host by its native transport: media come as they were encoded, by the events
 * `picture` and `sound`. Options of one's own go behind these.
 */
export function nativeClientOptions(host: NativeHost): NativeClientOptions {
  return { signallingUrl: nativeSignallingUrl, media: 'encoded', persistent: false, environment: environmentOf(host) }
}

type NativeClientOptions = Required<Pick<ClientOptions, 'signallingUrl' | 'media' | 'persistent' | 'environment'>>

function environmentOf(host: NativeHost): Partial<ClientEnvironment> {
  return {
    createSocket: () => new PipeSocket(() => host.visit()),
    createPeer: undefined,
    knock: (_url, signal) => host.isThere(signal),
    webMedia: {
      ...browserWebMedia,
      createSocket: (_url, protocols) => new PipeSocket(() => mediaOf(host, protocols)),
    },
  }
}

function mediaOf(host: NativeHost, protocols: readonly string[]) {
  const media = host.takeMedia(ticketOf(protocols) ?? '')
  return media
    ? Promise.resolve(media)
    : Promise.reject(new ViewError('lost', 'Cannot open the media: the ticket is of no conversation that stands'))
}

/** That of a media socket, among its subprotocols. */
export function ticketOf(protocols: readonly string[]): string | undefined {
  return protocols.find((each) => each.startsWith(ticketSubprotocolPrefix))?.slice(ticketSubprotocolPrefix.length)
}
