import type { Schema } from './schema.ts'

/** What one role does next, in the conversation as it sees it. */
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

/** A local type as people write it, `!seller{title. ?seller{...}}`; loops are named, so it ends. */
export function formatLocal(local: LocalType): string {
  switch (local.kind) {
    case 'end':
      return 'end'
    case 'var':
      return local.name
    case 'mu':
      return `μ${local.name}.${formatLocal(local.body)}`
    case 'send':
      return `!${local.to}${formatBranches(local.branches)}`
    case 'receive':
      return `?${local.from}${formatBranches(local.branches)}`
  }
}

function formatBranches(branches: readonly LocalBranch[]): string {
  return `{${branches.map((branch) => `${branch.label}.${formatLocal(branch.next)}`).join(', ')}}`
}
