/** Who may act for an endpoint: a coroutine's number, a connection's name. */
export type Owner = string | number

/** Names one role's end of one session in one epoch: a value that can be kept, moved and compared by its fields. */
export interface Endpoint {
  readonly sid: number
  readonly role: string
  readonly epoch: number
  /** How often it had been handed over when this value was given: who has an older one can act no more. */
  readonly transfers: number
}

/** Whether a value has the shape of an endpoint. */
export function isEndpoint(value: unknown): value is Endpoint {
  if (typeof value !== 'object' || value === null) return false
  const { sid, role, epoch, transfers } = value as Partial<Record<keyof Endpoint, unknown>>
  return (
    Number.isSafeInteger(sid) &&
    typeof role === 'string' &&
    Number.isSafeInteger(epoch) &&
    Number.isSafeInteger(transfers)
  )
}
