import type { Lateness, Loss } from './notation.ts'
import type { Schema } from './schema.ts'

/** What one role does next, in the conversation as it sees it. Continuations may be shared: it is a graph, not a tree. */
export type LocalType = SendType | ReceiveType | MuType | VarType | EndType

/** An internal choice: this role sends one of these to `to`. */
export interface SendType {
  readonly kind: 'send'
  readonly to: string
  readonly branches: readonly LocalBranch[]
}

/** An external choice: this role receives whichever of these `from` has chosen. */
export interface ReceiveType {
  readonly kind: 'receive'
  readonly from: string
  readonly branches: readonly LocalBranch[]
}

export interface LocalBranch {
  readonly label: string
  readonly payload: Schema<unknown>
  readonly next: LocalType
  /** There when it is not received, but taken when the sender is lost. */
  readonly lost?: Loss
  /** There when it is not received, but taken when the message is late. */
  readonly late?: Lateness
}

/** Whether a branch, or a way of an automaton, is one that nobody sends. */
export function isUnsaid({ lost, late }: Pick<LocalBranch, 'lost' | 'late'>): boolean {
  return lost !== undefined || late !== undefined
}

/** `μ name. body`: `name` inside `body` means the whole again. */
export interface MuType {
  readonly kind: 'mu'
  readonly name: string
  readonly body: LocalType
}

export interface VarType {
  readonly kind: 'var'
  readonly name: string
}

export interface EndType {
  readonly kind: 'end'
}

export const endType: EndType = { kind: 'end' }

/** Written out, shared continuations double with every choice before them. */
const mostCharacters = 2000

/** A local type as people write it, `!seller{title. ?seller{...}}`, cut short where nobody would read on. */
export function formatLocal(local: LocalType): string {
  let text = ''
  const write = (type: LocalType): void => {
    if (text.length > mostCharacters) return
    switch (type.kind) {
      case 'end':
        text += 'end'
        return
      case 'var':
        text += type.name
        return
      case 'mu':
        text += `μ${type.name}.`
        return write(type.body)
      case 'send':
        text += `!${type.to}{`
        return writeBranches(type.branches)
      case 'receive':
        text += `?${type.from}{`
        return writeBranches(type.branches)
    }
  }
  const writeBranches = (branches: readonly LocalBranch[]): void => {
    for (const [index, { label, next }] of branches.entries()) {
      if (text.length > mostCharacters) return
      text += `${index > 0 ? ', ' : ''}${label}.`
      write(next)
    }
    text += '}'
  }
  write(local)
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text
}
