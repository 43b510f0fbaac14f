import type { Body, Branch, Lateness, Loss, Step } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { nothing } from '../protocol/schema.ts'
import { conversation, type Conversation } from './conversation-declaration.ts'
import type { Order } from './order.ts'

/**
 * A conversation as JSON: who may say what when, without what the messages carry. It is what one version has to know of another,
 * which it does not have the schemas of.
 */
export interface ConversationShape {
  readonly name: string
  readonly roles: readonly [string, string]
  readonly protocols: readonly { readonly name: string; readonly body: BodyShape }[]
  readonly orders: readonly Order[]
}

type BodyShape = readonly StepShape[]

type StepShape =
  /** One of these labels, and whichever it is, what stands behind the step comes next. */
  | { readonly from: string; readonly to: string; readonly says: readonly string[] }
  | { readonly from: string; readonly to: string; readonly branches: Readonly<Record<string, BranchShape>> }
  | { readonly loop: string; readonly body: BodyShape }
  | { readonly again: string }

interface BranchShape {
  readonly body: BodyShape
  readonly lost?: Loss
  readonly late?: Lateness
}

/** What {@link conversationOfShape} makes a conversation of the same fingerprint of. */
export function shapeOfConversation({ name, roles, protocols, orders }: Conversation): ConversationShape {
  return {
    name,
    roles,
    protocols: protocols.map((each) => ({ name: each.name, body: shapeOfBody(each.body) })),
    orders,
  }
}

/** Throws a ProtocolError for what is no conversation. */
export function conversationOfShape({ name, roles, protocols, orders }: ConversationShape): Conversation {
  const declared = protocols.map((each) => protocol(each.name, roles, bodyOfShape(each.body)))
  return conversation(name, roles, declared, orders)
}

function shapeOfBody(body: Body): BodyShape {
  return body.map((step): StepShape => {
    if (step.kind === 'again') return { again: step.name }
    if (step.kind === 'loop') return { loop: step.name, body: shapeOfBody(step.body) }
    const { from, to } = step
    const branches = Object.entries(step.branches)
    const isPlain = branches.every(([, { body: then, lost, late }]) => then.length === 0 && !lost && !late)
    if (isPlain) return { from, to, says: branches.map(([label]) => label) }
    return { from, to, branches: Object.fromEntries(branches.map(([label, branch]) => [label, shapeOfBranch(branch)])) }
  })
}

function shapeOfBranch({ body, lost, late }: Branch): BranchShape {
  return { body: shapeOfBody(body), ...(lost && { lost }), ...(late && { late }) }
}

function bodyOfShape(body: BodyShape): Body {
  return body.map((step): Step => {
    if ('again' in step) return { kind: 'again', name: step.again }
    if ('loop' in step) return { kind: 'loop', name: step.loop, body: bodyOfShape(step.body) }
    const { from, to } = step
    const shapes =
      'says' in step ? step.says.map((label) => [label, { body: [] }] as const) : Object.entries(step.branches)
    const branches = shapes.map(([label, shape]): [string, Branch] => {
      return [label, { ...shape, payload: nothing, body: bodyOfShape(shape.body) }]
    })
    return { kind: 'choice', from, to, branches: Object.fromEntries(branches) }
  })
}
