import { isObject, json, numberColumn, textColumn, type RowSchema } from './read-row.ts'

/** A member's outbox: what it brings is done once, however often it is brought. */
export interface StoredOutbox {
  readonly memberId: string
  readonly outbox: string
}

export interface StoredRefusal {
  readonly sequence: number
  readonly code: string
  readonly message: string
}

/** Something that was said in a lobby, as far as it can be told from a file. */
export interface StoredText {
  readonly id: number
  readonly memberId: string
  readonly name: string
  readonly role: string
  readonly text: string
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** How far an outbox is done. */
export const progressSchema = {
  through: ['through', numberColumn],
  refused: ['refused', json(isRefusals, 'refusals')],
} as const

export const textSchema: RowSchema<StoredText> = {
  id: ['id', numberColumn],
  memberId: ['member_id', textColumn],
  name: ['name', textColumn],
  role: ['role', textColumn],
  text: ['text', textColumn],
  atMs: ['said_ms', numberColumn],
}

function isRefusals(value: unknown): value is readonly StoredRefusal[] {
  return Array.isArray(value) && value.every(isRefusal)
}

function isRefusal(value: unknown): value is StoredRefusal {
  if (!isObject(value)) return false
  const { sequence, code, message } = value
  return typeof sequence === 'number' && typeof code === 'string' && typeof message === 'string'
}
