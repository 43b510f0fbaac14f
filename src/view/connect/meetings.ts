import { openWebSocket } from '../../http/open-websocket.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { SecureEndpoint } from '../../net/native/secure-endpoint.ts'
import type { SecureLink } from '../../net/native/secure-link.ts'
import { HostMeeting } from '../../net/reach/host-meeting.ts'
import type { ReachPort } from '../../net/reach/reach-port.ts'
import { rendezvousSubprotocol } from '../../wire/reach/protocol.ts'

export interface MeetingsOptions {
  readonly port: ReachPort
  readonly endpoint: SecureEndpoint
  readonly clock: Clock
}

/** The meetings with hosts at their web ports, one for each host: all channels to it go over its reach. */
export class Meetings implements Disposable {
  readonly #options: MeetingsOptions
  readonly #meetings = new Map<string, Promise<HostMeeting>>()

  constructor(options: MeetingsOptions) {
    this.#options = options
  }

  /** Opens a channel by whatever path there is. Rejects with NativeError. */
  async dial(web: string, key: Uint8Array): Promise<SecureLink> {
    const name = `${web} ${Buffer.from(key).toString('hex')}`
    const known = this.#meetings.get(name)
    const stale = await known?.catch(() => undefined)
    const meeting = known && stale?.isForgotten !== true ? known : this.#meet(web, key)
    this.#meetings.set(name, meeting)
    try {
      const { reach } = await meeting
      return await reach.dial(this.#options.endpoint, { role: 'viewer', peerKey: key })
    } catch (error) {
      await this.#forget(name, meeting)
      throw error
    }
  }

  /** Another try begins anew, unless a channel goes over this one: what was found out may be of a network that this machine has left. */
  async #forget(name: string, meeting: Promise<HostMeeting>): Promise<void> {
    const old = await meeting.catch(() => undefined)
    if (old && this.#options.endpoint.linksOn(old.reach.path).length > 0) return
    if (this.#meetings.get(name) === meeting) this.#meetings.delete(name)
    old?.[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    for (const meeting of this.#meetings.values()) {
      void meeting.then(
        (each) => each[Symbol.dispose](),
        () => {},
      )
    }
    this.#meetings.clear()
  }

  #meet(web: string, hostKey: Uint8Array): Promise<HostMeeting> {
    const { port, clock } = this.#options
    // Who the host is, its key says: what the channel carries is sealed with that, whoever has the certificate.
    const connect = () => openWebSocket(web, { subprotocol: rendezvousSubprotocol, clock, isCertified: false })
    return HostMeeting.open({ port, hostKey, connect, where: web, clock, random: Math.random })
  }
}
