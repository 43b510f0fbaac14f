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
