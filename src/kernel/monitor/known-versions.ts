import { type Conversation, planConversation, type ConversationPlan } from './conversation.ts'
import { type ConversationShape, conversationOfShape } from './conversation-shape.ts'
import { isSubtype, type SubtypeResult } from './conversation-subtype.ts'

/** A version of a conversation that was in use once. */
export interface KeptVersion {
  readonly fingerprint: string
  readonly shape: ConversationShape
}

/** What a peer is that has told its version: one that cannot be known here is another's to judge, who is newer. */
export type PeerVersion = { readonly kind: 'same' } | { readonly kind: 'unknown' } | OlderVersion

type OlderVersion = { readonly kind: 'safe' } | { readonly kind: 'unsafe'; readonly differences: readonly string[] }

/** The versions of a conversation that its newest one knows of, with which peers still come and recordings are still there. */
export class KnownVersions {
  readonly #newest: Conversation
  readonly #kept: ReadonlyMap<string, ConversationShape>
  readonly #judged = new Map<string, OlderVersion>()
  #fingerprint: string | undefined

  constructor(newest: Conversation, kept: readonly KeptVersion[]) {
    this.#newest = newest
    this.#kept = new Map(kept.map(({ fingerprint, shape }) => [fingerprint, shape]))
  }

  /** Of the newest version. */
  get fingerprint(): string {
    this.#fingerprint ??= planConversation(this.#newest, this.#newest.roles[0]).fingerprint
    return this.#fingerprint
  }

  /** Whether a peer that plays `role` by the version of that fingerprint is safe with the newest one; see {@link isSubtype}. */
  judge(role: string, fingerprint: string): PeerVersion {
    if (fingerprint === this.fingerprint) return { kind: 'same' }
    const shape = this.#kept.get(fingerprint)
    if (!shape) return { kind: 'unknown' }
    const key = `${role} ${fingerprint}`
    const judged = this.#judged.get(key) ?? verdictOf(isSubtype(conversationOfShape(shape), this.#newest, role))
    this.#judged.set(key, judged)
    return judged
  }

  /** The end of `role` by the version of that fingerprint, the newest included; undefined for one that is not known. */
  plan(role: string, fingerprint: string): ConversationPlan | undefined {
    const shape = this.#kept.get(fingerprint)
    const found = fingerprint === this.fingerprint ? this.#newest : shape && conversationOfShape(shape)
    if (!found?.roles.includes(role)) return undefined
    // The fingerprint that it was kept under: what it kept to without saying so may have been written into its shape since.
    return { ...planConversation(found, role), fingerprint }
  }
}

function verdictOf(result: SubtypeResult): OlderVersion {
  return result.isSubtype ? { kind: 'safe' } : { kind: 'unsafe', differences: result.differences }
}
