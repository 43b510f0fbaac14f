import type { Body, Lateness, Loss, Step } from './notation.ts'
import type { Schema } from './schema.ts'

/**
 * A global type in the form that the theory works on: every interaction carries its continuations. Continuations that
 * are written once in the notation are one object here, however many branches lead to them, so that a sequence of n
 * choices has n nodes and not 2^n.
 */
export type GlobalType =
  | {
      readonly kind: 'interaction'
      readonly from: string
      readonly to: string
      readonly branches: readonly GlobalBranch[]
      /** Where it was declared, for people. */
      readonly place: string
    }
  | { readonly kind: 'mu'; readonly name: string; readonly body: GlobalType; readonly place: string }
  | { readonly kind: 'var'; readonly name: string }
  | { readonly kind: 'end' }

export interface GlobalBranch {
  readonly label: string
  readonly payload: Schema<unknown>
  readonly next: GlobalType
  /** There when `to` takes it without `from`, which is lost. */
  readonly lost?: Loss
  /** There when `to` takes it because what `from` says is late. */
  readonly late?: Lateness
}

const end: GlobalType = { kind: 'end' }

/** Turns the notation into a {@link GlobalType}. The body is well-formed (`well-formed.ts`). */
export function lower(body: Body, place: string): GlobalType {
  return lowerBefore(body, end, place)
}

function lowerBefore(body: Body, then: GlobalType, place: string): GlobalType {
  return body.reduceRight<GlobalType>((rest, step) => lowerStep(step, rest, place), then)
}

function lowerStep(step: Step, rest: GlobalType, outer: string): GlobalType {
  const place = placeOf(outer, step)
  switch (step.kind) {
    case 'again':
      return { kind: 'var', name: step.name }
    case 'loop':
      return { kind: 'mu', name: step.name, body: lowerBefore(step.body, rest, place), place }
    case 'choice':
      return {
        kind: 'interaction',
        from: step.from,
        to: step.to,
        place,
        branches: Object.entries(step.branches).map(([label, branch]) => ({
          label,
          payload: branch.payload,
          next: lowerBefore(branch.body, rest, `${place} / ${label}`),
          ...(branch.lost && { lost: branch.lost }),
          ...(branch.late && { late: branch.late }),
        })),
      }
  }
}

/** How error messages name a step: the path of what it is in, then itself. */
export function placeOf(outer: string, step: Step): string {
  switch (step.kind) {
    case 'again':
      return `${outer} / again ${step.name}`
    case 'loop':
      return `${outer} / loop ${step.name}`
    case 'choice':
      return `${outer} / ${step.from}->${step.to}${labelOf(step.branches)}`
  }
}

function labelOf(branches: Readonly<Record<string, unknown>>): string {
  const labels = Object.keys(branches)
  return labels.length === 1 ? `:${labels[0]}` : ''
}
