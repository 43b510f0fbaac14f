import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { AllowedHosts } from '../auth/allowed-hosts.ts'
import { isToken, type Doorkeeper } from '../auth/doorkeeper.ts'
import type { LinkSource } from '../auth/link-source.ts'
import type { Admitted } from '../auth/member-source.ts'
import type { Attempts } from '../auth/attempts.ts'
import type { LiveConnections } from '../auth/live-connections.ts'
import type { WrongTokens } from '../auth/wrong-tokens.ts'
import type { Shares } from './shares.ts'
import type { Member } from '../../domain/member.ts'
import type { Invitation } from '../../store/invitation.ts'
import { ApiError } from './api-error.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import type { ProvedKeys } from './proved-keys.ts'
import { isSecure } from './is-secure.ts'

type Guest = Extract<Admitted, { ok: true }>

const challenge = { 'WWW-Authenticate': 'Bearer realm="porchlight"' }

const refusals = {
  unknown: 'Cannot let you in: the token is not known here. Ask the owner for a new link.',
  expired: 'Cannot let you in: the invitation has expired. Ask the owner for a new link.',
  revoked: 'Cannot let you in: the invitation was revoked. Ask the owner for a new link.',
  removed: 'Cannot let you in: the owner has shown you out.',
  'not-redeemed': 'Cannot let you in by the link alone: it has to be redeemed for a token of your own first.',
} as const

/** The token that came opens nothing, or nothing any more. */
export class RefusedToken extends ApiError {
  override readonly reason: keyof typeof refusals

  constructor(reason: keyof typeof refusals) {
    super(reason === 'not-redeemed' ? reason : 'unauthenticated', refusals[reason], challenge)
    this.reason = reason
  }
}

/** What every request has to pass, plain ones and those for a WebSocket alike. All checks throw an ApiError, or reject with one. */
export class Gate {
  readonly #hosts: AllowedHosts
  readonly #doorkeeper: Doorkeeper
  readonly #links: LinkSource
  readonly #attempts: Attempts
  readonly #limits: ConnectionLimits
  readonly #connections: LiveConnections
  readonly #shares: Shares
  readonly #wrongTokens: WrongTokens
  readonly #provedKeys: ProvedKeys

  constructor(options: {
    hosts: AllowedHosts
    doorkeeper: Doorkeeper
    links: LinkSource
    attempts: Attempts
    limits: ConnectionLimits
    connections: LiveConnections
    shares: Shares
    wrongTokens: WrongTokens
    provedKeys: ProvedKeys
  }) {
    this.#hosts = options.hosts
    this.#doorkeeper = options.doorkeeper
    this.#links = options.links
    this.#attempts = options.attempts
    this.#limits = options.limits
    this.#connections = options.connections
    this.#shares = options.shares
    this.#wrongTokens = options.wrongTokens
    this.#provedKeys = options.provedKeys
  }

  /** The name that the request is addressed to, if it is one of ours. */
  trustedHost(request: IncomingMessage): string | undefined {
    const { host } = request.headers
    return this.#hosts.allowsHost(host) ? host : undefined
  }

  /** Throws `invalid-request`, `host-not-allowed` or `token-in-url`. `allows`: the one parameter that may bring a secret. */
  checkAddress(request: IncomingMessage, { allows }: { allows?: string } = {}): void {
    if (!saysOneHost(request)) {
      throw new ApiError('invalid-request', 'Cannot tell which host the request is for: it names more than one')
    }
    if (this.trustedHost(request) === undefined) {
      throw new ApiError(
        'host-not-allowed',
        'Cannot answer under this name: it is not known to be this machine. Use localhost, the address that was told at start, or allow the name with --origin.',
      )
    }
    const [, query] = (request.url ?? '').split('?', 2)
    if (query !== undefined && carriesToken(query, allows)) {
      throw new ApiError(
        'token-in-url',
        'Cannot use a secret from a query string: URLs end up in logs and histories. Send it as "Authorization: Bearer ...".',
      )
    }
  }

  /** Throws `origin-not-allowed` for a page of somebody else. A request without an origin comes from no page. */
  checkOrigin(request: IncomingMessage): void {
    const origin = request.headers.origin
    if (
      origin !== undefined &&
      !this.#hosts.allowsOrigin(origin, request.headers.host, { secure: isSecure(request) })
    ) {
      throw new ApiError('origin-not-allowed', 'Cannot serve a page of another origin: allow it with --origin.')
    }
  }

  /**
   * Rejects with `unauthenticated` (RefusedToken), `too-many-attempts` for a source that keeps trying wrong tokens, and
   * `too-many-connections` or `busy` when there is no room for this connection among the member's.
   */
  async admit(request: IncomingMessage, token: string | undefined): Promise<Guest> {
    const proved = this.#provedKeys.of(request.socket)
    if (proved) return this.#letInByKey(request, await this.#doorkeeper.admit(proved))
    if (token === undefined) throw unauthenticated('Cannot tell who you are: wanted "Authorization: Bearer <token>".')
    return this.#letIn(request, await this.#doorkeeper.admit({ kind: 'token', token }))
  }

  /** Lets in whoever brings the token of a link, and nobody with any other token. Rejects as {@link admit}. */
  async admitLink(request: IncomingMessage, token: string): Promise<Guest> {
    const admitted = isToken(token) ? await this.#links.admit({ kind: 'token', token }) : undefined
    return this.#letIn(request, admitted ?? { ok: false, reason: 'unknown' })
  }

  /** The invitation that a link's token is for, whatever its state. Rejects as {@link admit}. */
  async invitationOf(request: IncomingMessage, token: string | undefined): Promise<Invitation> {
    if (token === undefined)
      throw unauthenticated('Cannot tell which link it is: wanted "Authorization: Bearer <token>".')
    const invitation = isToken(token) ? await this.#links.invitationOf(token) : undefined
    if (invitation) return invitation
    this.#countFailure(request)
    throw new RefusedToken('unknown')
  }

  /**
   * The connection is the member's from now on: counted with theirs, and ended with their right to be here. Throws
   * `too-many-connections` or `busy`.
   */
  own(socket: Socket, member: Member): void {
    const queue = member.role === 'owner' ? 'owner' : 'members'
    try {
      this.#limits.admitted(socket, { key: member.id, queue }, () => {
        const giveBack = this.#shares.take('connections', member)
        const leave = this.#connections.add(member, () => this.#limits.end(socket))
        return () => {
          leave()
          giveBack()
        }
      })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      throw new ApiError(error.code, error.message, { ...error.headers, Connection: 'close' })
    }
  }

  /** A key that is known no more is no guess. */
  #letInByKey(request: IncomingMessage, admitted: Admitted): Guest {
    if (!admitted.ok && admitted.reason === 'unknown') {
      this.#limits.refused(request.socket)
      throw new RefusedToken('removed')
    }
    return this.#letIn(request, admitted)
  }

  #letIn(request: IncomingMessage, admitted: Admitted): Guest {
    if (admitted.ok) {
      this.own(request.socket, admitted.member)
      return admitted
    }
    this.#limits.refused(request.socket)
    // Who holds an old invitation is not guessing.
    if (admitted.reason === 'unknown') this.#countFailure(request)
    throw new RefusedToken(admitted.reason)
  }

  #countFailure(request: IncomingMessage): void {
    const address = request.socket.remoteAddress ?? ''
    this.#wrongTokens.add(address)
    const waitMs = this.#attempts.add(address)
    if (waitMs === 0) return
    throw new ApiError('too-many-attempts', 'Cannot check the token: too many wrong ones came from your address.', {
      'Retry-After': String(Math.ceil(waitMs / 1000)),
    })
  }
}

/** More than one `Host` header, or an address that names another one, would leave it to each reader which one counts. */
function saysOneHost({ rawHeaders, headers, url = '' }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length > 1) return false
  if (url.startsWith('/') || url === '*') return true
  return URL.parse(url)?.host === headers.host?.toLowerCase()
}

function carriesToken(query: string, allowed: string | undefined): boolean {
  return [...new URLSearchParams(query).keys()].some(
    (key) => key !== allowed && /^(access_?)?token$|^(bearer|invite|claim|pin)$/i.test(key),
  )
}

function unauthenticated(message: string): ApiError {
  return new ApiError('unauthenticated', message, challenge)
}
