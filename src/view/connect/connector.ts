import type { Clock } from '../../kernel/clock.ts'
import type { PipeMessage } from '../../kernel/pipe.ts'
import { shortFingerprint } from '../../net/identity/key-fingerprint.ts'
import { NativeError } from '../../net/native/native-error.ts'
import type { SecureLink } from '../../net/native/secure-link.ts'
import { gatewayOf, type NativeLink } from '../../wire/native/native-link.ts'
import { HostChannel } from '../channel/host-channel.ts'
import { ViewError, type ViewErrorCode } from '../contract/view-error.ts'
import type { OwnFiles } from '../own/own-files.ts'
import { comeIn, type Introduction, type Welcome } from './admission.ts'
import type { OwnEnd } from './own-end.ts'

export interface ConnectorOptions {
  readonly link: NativeLink
  readonly end: OwnEnd
  readonly files: Pick<OwnFiles, 'knownHosts' | 'changeKnownHosts'>
  readonly introduction: Omit<Introduction, 'invitation'>
  readonly clock: Clock
}

/** A channel on which this device was let in. */
export interface Connected {
  readonly channel: HostChannel
  readonly welcome: Welcome
}

/** Whoever answers without being known does so at once. */
const strangerWithinMs = 2000

/**
 * Opens channels to the host of a link, and comes in by each: all of what stands between a link and a conversation. The host's key is
 * pinned when it has let this device in for the first time, and the invitation is shown until then.
 */
export class Connector {
  readonly #options: ConnectorOptions
  /** It has let this device in before: what it says no to then is not asked again by the invitation. */
  #wasIn = false

  constructor(options: ConnectorOptions) {
    this.#options = options
  }

  /** As hosts are known by: where they are. At a gateway that is its key's place, whatever network it is in. */
  get name(): string {
    const { host, port } = this.#options.link
    const gateway = gatewayOf(this.#options.link)
    if (gateway !== undefined) return `${gateway.host}${gateway.pathname}`
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  }

  /** Rejects with ViewError. `onward` takes each message that follows the welcome. */
  async connect(wants: 'session' | 'requests', onward: (message: PipeMessage) => void): Promise<Connected> {
    this.#checkPin()
    const { clock, introduction, link } = this.#options
    const channel = new HostChannel({ link: await this.#dial(), clock })
    const invitation = this.#wasIn ? undefined : link.invitation
    try {
      const welcome = await comeIn({
        pipe: channel.conversation,
        wants,
        introduction: { ...introduction, invitation },
        clock,
        onward,
      })
      this.#pin()
      this.#wasIn = true
      return { channel, welcome }
    } catch (error) {
      void channel.close('closed', 'Not let in')
      if (this.#wasIn && error instanceof ViewError && error.code === 'not-invited') {
        throw new ViewError('revoked', 'Cannot come back: the host does not let this device in any more.', {
          cause: error,
        })
      }
      throw error
    }
  }

  /** Another key is another host, until somebody forgets the one before. */
  #checkPin(): void {
    const { files, link } = this.#options
    const known = files.knownHosts()
    if (known.judge(this.name, link.key) !== 'changed') return
    const before = known.all.find(({ name }) => name === this.name)
    throw otherKey(
      `${this.name} had the key ${shortFingerprint(before?.key ?? link.key)} before, and the link says ${shortFingerprint(link.key)}`,
      'If the host was set up anew, forget the former key with --forget; if not, somebody else wants to be taken for it.',
    )
  }

  #pin(): void {
    const { files, link, clock } = this.#options
    files.changeKnownHosts((known) => known.pin({ name: this.name, key: link.key, pinnedMs: clock.epochMs() }))
  }

  async #dial(): Promise<SecureLink> {
    const { end, link } = this.#options
    try {
      return await end.dial(link)
    } catch (error) {
      if (!(error instanceof NativeError)) throw error
      const isAtPlace = gatewayOf(link) === undefined
      if (!this.#wasIn && isAtPlace && (error.code === 'unreachable' || error.code === 'not-authentic'))
        await this.#tellApart()
      const reason = isAtPlace || error.code !== 'unreachable' ? reasons[error.code] : gatewaySilent
      throw new ViewError(codes[error.code], `Cannot reach ${this.name}: ${reason}.`, { cause: error })
    }
  }

  /** Whoever has another key than the link tells hears nothing of a handshake that is for that one: they are asked who they are. */
  async #tellApart(): Promise<void> {
    const { end, link } = this.#options
    let stranger: SecureLink
    try {
      stranger = await end.dial({ ...link, key: undefined }, strangerWithinMs)
    } catch {
      return
    }
    const { peerKey } = stranger
    stranger.close('closed', 'It was meant for another key')
    if (Buffer.compare(peerKey, link.key) === 0) return
    throw otherKey(
      `${this.name} has the key ${shortFingerprint(peerKey)}, and the link says ${shortFingerprint(link.key)}`,
      'Ask whoever sent the link for a new one, and compare the key with the one that the host shows at its start.',
    )
  }
}

const codes: Readonly<Record<NativeError['code'], ViewErrorCode>> = {
  unreachable: 'unreachable',
  away: 'unreachable',
  'not-registered': 'unreachable',
  'not-authentic': 'other-key',
  version: 'version',
  busy: 'busy',
  'key-required': 'other-key',
  closed: 'busy',
}

const gatewaySilent = 'the gateway in the link does not bring it here. Is it running, is this machine online?'
const anotherLink = 'ask whoever sent the link for a new one'
const reasons: Readonly<Record<NativeError['code'], string>> = {
  unreachable: 'nobody answers there. Is Porchlight running, and is the UDP port open?',
  away: 'it is not at its gateway now. Is Porchlight running there, and its network up? Try again when it is',
  'not-registered': `its gateway has not heard of it: it runs without this --gateway, or not at all. Start it, or ${anotherLink}`,
  'not-authentic': `what answers there has not the key that the link tells; ${anotherLink}`,
  version: 'it speaks another version of the transport; use the same version of Porchlight at both ends',
  busy: 'it has no room for one more; try again later',
  'key-required': `it does not answer to the key that the link tells; ${anotherLink}`,
  closed: 'it lets nobody in for now; try again later',
}

function otherKey(found: string, advice: string): ViewError {
  return new ViewError('other-key', `Cannot take this for the host: ${found}. ${advice}`)
}
