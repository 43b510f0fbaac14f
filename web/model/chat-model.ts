import { computed, signal } from '@preact/signals'
import type { Delivery, LobbyText, PorchlightClient } from '../../src/client/index.ts'

/** How long something that was said is shown to somebody who has the chat closed. */
const glimpseMs = 6000

/** Something of one's own that could not be said. */
export interface RefusedText {
  readonly text: string
  readonly why: string
}

/** What is said in the lobby, and what of one's own is still on its way. */
export class ChatModel {
  readonly texts = signal<readonly LobbyText[]>([])
  /** Texts and wishes that wait for the host to have them, oldest first. */
  readonly outbox = signal<readonly Delivery[]>([])
  /** The last of them. */
  readonly refused = signal<RefusedText | undefined>(undefined)
  readonly isOpen = signal(false)
  readonly unread = signal(0)
  /** What was said last, for a moment, while the chat is closed. */
  readonly glimpse = signal<LobbyText | undefined>(undefined)
  readonly memberId = signal<string | undefined>(undefined)
  /** One's own texts among what waits. */
  readonly waiting = computed(() => this.outbox.value.filter((item) => item.do === 'say'))
  #client: PorchlightClient | undefined
  #forgetGlimpse: ReturnType<typeof setTimeout> | undefined

  /** Follows a client, the only one from now on. */
  use(client: PorchlightClient): void {
    this.#client = client
    client.texts.subscribe((texts) => {
      this.memberId.value = client.memberId
      this.texts.value = texts
    })
    client.outbox.subscribe((items) => {
      this.outbox.value = items
    })
    this.outbox.value = client.outbox.value
    client.on('text', (text) => this.#hear(text))
  }

  open(): void {
    this.isOpen.value = true
    this.unread.value = 0
    this.glimpse.value = undefined
  }

  close(): void {
    this.isOpen.value = false
  }

  say(text: string): void {
    this.refused.value = undefined
    this.#client?.sendText(text).catch((error: unknown) => {
      this.refused.value = { text, why: error instanceof Error ? error.message : String(error) }
    })
  }

  isOwn({ memberId }: LobbyText): boolean {
    return memberId === this.memberId.value
  }

  dispose(): void {
    clearTimeout(this.#forgetGlimpse)
  }

  #hear(text: LobbyText): void {
    if (this.isOpen.value || this.isOwn(text)) return
    this.unread.value++
    this.glimpse.value = text
    clearTimeout(this.#forgetGlimpse)
    this.#forgetGlimpse = setTimeout(() => {
      this.glimpse.value = undefined
    }, glimpseMs)
  }
}
