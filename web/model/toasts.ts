import { signal } from '@preact/signals'

/** Good news, news, or that something went wrong. */
export type ToastKind = 'success' | 'info' | 'warning'

interface Toast {
  readonly id: number
  readonly text: string
  readonly kind: ToastKind
}

/** Good news needs no time to be understood. */
const shownForMs: Readonly<Record<ToastKind, number>> = { success: 4000, info: 5000, warning: 7000 }
const maxToasts = 4

/** What happened, told for a moment. */
export class Toasts {
  readonly #list = signal<readonly Toast[]>([])
  #nextId = 1

  get list() {
    return this.#list
  }

  show(text: string, kind: ToastKind = 'warning'): void {
    if (this.#list.value.some((toast) => toast.text === text)) return
    const id = this.#nextId++
    this.#list.value = [...this.#list.value, { id, text, kind }].slice(-maxToasts)
    setTimeout(() => this.dismiss(id), shownForMs[kind])
  }

  dismiss(id: number): void {
    this.#list.value = this.#list.value.filter((toast) => toast.id !== id)
  }
}
