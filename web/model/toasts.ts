import { signal } from '@preact/signals'

interface Toast {
  readonly id: number
  readonly text: string
}

const shownForMs = 7000
const maxToasts = 4

/** What went wrong, told for a moment. */
export class Toasts {
  readonly #list = signal<readonly Toast[]>([])
  #nextId = 1

  get list() {
    return this.#list
  }

  show(text: string): void {
    if (this.#list.value.some((toast) => toast.text === text)) return
    const id = this.#nextId++
    this.#list.value = [...this.#list.value, { id, text }].slice(-maxToasts)
    setTimeout(() => this.dismiss(id), shownForMs)
  }

  dismiss(id: number): void {
    this.#list.value = this.#list.value.filter((toast) => toast.id !== id)
  }
}
