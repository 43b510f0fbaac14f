import { formatPartyLink, parsePartyLink } from '../../wire/party/party-link.ts'
import type { PlaneAddress } from '../contract/nearby.ts'
import { PartyError } from '../contract/party-error.ts'
import { newPartyCode, plainCode } from '../registry/party-code.ts'
import type { KeptMembership } from './own-identity.ts'
import type { PartyTicket } from './party-status.ts'
import { slowKey } from './slow-key.ts'

/** Of each part, in Crockford's base 32. */
const partLetters = 10

/** What somebody was told to come in by. */
export interface PartyInvitation {
  /** Where its control plane is, as a link says. */
  readonly plane: PlaneAddress | undefined
  /** As a link says. */
  readonly partyId: string | undefined
  /** What the control plane is asked with: the first part of the code, or an id. */
  readonly code: string | undefined
  /** The second part of the code, which it is never told. */
  readonly secret: string | undefined
}

/** The second part of a party's code: 50 bits of its own, written as the first. */
export function newPartySecret(): string {
  return newPartyCode()
}

/** What members prove to each other by the second part of the code, 32 bytes. */
export function secretKey(secret: string, partyId: string): Promise<Uint8Array> {
  return slowKey(plainCode(secret), `porchlight party members ${partyId}`)
}

/**
 * Reads a link, a code of one part or of two, or an id. Throws PartyError `invalid` for what looks like a code with a letter too many or too
 * few: as an id it would go to the control plane, with what that is never to know.
 */
export function parseInvitation(by: string): PartyInvitation {
  const link = parsePartyLink(by)
  if (link) {
    const { url, fingerprint, partyId, code, secret } = link
    return { plane: { url, fingerprint }, partyId, code, secret: secret === undefined ? undefined : wholePart(secret) }
  }
  const none = { plane: undefined, partyId: undefined }
  if (!hasTwoParts(by)) return { ...none, code: by, secret: undefined }
  const plain = plainCode(by)
  if (!isCrockford(plain, 2 * partLetters)) throw unreadable()
  return { ...none, code: written(plain.slice(0, partLetters)), secret: written(plain.slice(partLetters)) }
}

/** What others come in by. */
export function ticketOf({ id, code, secret }: KeptMembership, where: PlaneAddress | undefined): PartyTicket {
  return {
    partyId: id,
    code: [code ?? id, ...(secret === undefined ? [] : [secret])].join('-'),
    isSecret: secret !== undefined,
    link: where && formatPartyLink({ ...where, partyId: id, code, secret }),
  }
}

/**
 * Whether it is meant as a code of two parts, also where letters are missing or too many: those are told in groups of five, or in one. What a
 * control plane makes up as an id has hexadecimal digits alone.
 */
function hasTwoParts(by: string): boolean {
  if (/^[\da-f]+$/.test(by)) return false
  const letters = by.replaceAll(/[^\dA-Za-z]/g, '').length
  return Math.abs(letters - 2 * partLetters) <= 2 || (letters < 25 && /^\s*\w{5}\W+\w{5}\W+\w/.test(by))
}

function isCrockford(plain: string, letters: number): boolean {
  return plain.length === letters && /^[\dA-HJKMNP-TV-Z]+$/.test(plain)
}

function wholePart(secret: string): string {
  const plain = plainCode(secret)
  if (!isCrockford(plain, partLetters)) throw unreadable()
  return written(plain)
}

function written(plain: string): string {
  return `${plain.slice(0, partLetters / 2)}-${plain.slice(partLetters / 2)}`
}

function unreadable(): PartyError {
  return new PartyError('invalid', 'This is no code: one has ten letters and digits, or twenty with its second part')
}
