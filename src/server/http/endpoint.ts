import type * as v from 'valibot'
import type { Action } from '../../domain/rights.ts'
import { readJson } from '../../http/json-body.ts'
import type { ApiContext } from './api-context.ts'
import { idempotencyHeader, type IdempotencyKeys, type KeptAnswer } from './idempotency-keys.ts'
import type { ProblemCode } from './problem.ts'

export type Schema = v.GenericSchema

/** One method of one path: what it takes and gives, and how. */
export interface Endpoint extends Described {
  readonly body?: Schema
  /** Media types of a body that is not JSON. */
  readonly takes?: readonly string[]
  /** What is answered when all goes well, by status. */
  readonly answers: Readonly<Record<number, Answer>>
  readonly handle: (context: ApiContext) => Response | Promise<Response>
}

/** The content of an answer: JSON of a schema, text or bytes of some media type, or nothing. */
export type Answer =
  | { readonly type: 'json'; readonly schema: Schema }
  | { readonly type: 'text'; readonly mediaType: string; readonly description: string }
  | { readonly type: 'bytes'; readonly mediaTypes: readonly string[]; readonly description: string }
  | { readonly type: 'empty' }

/** What an endpoint says of itself. */
export interface Described {
  /** Unique among all; generators of clients make a function's name of it. */
  readonly id: string
  readonly summary: string
  /** What the member has to be allowed to do; checked before anything is read. */
  readonly action?: Action
  /** What its query may say; a strict object of texts. */
  readonly query?: Schema
  /** Headers of the request that it heeds beside the usual ones, with what each does. */
  readonly headers?: Readonly<Record<string, string>>
  /** Why it may be refused, beside what every request may be refused for. */
  readonly problems?: readonly ProblemCode[]
}

const keyHeader = { [idempotencyHeader]: 'Makes it safe to repeat the request: what it created is told again' }
const keyProblems: readonly ProblemCode[] = [
  'invalid-request',
  'idempotency-key-reused',
  'idempotency-key-busy',
  'too-many-keys',
]

/** An endpoint that answers with JSON. `handle` is given the body when there is a schema for one, checked by it. */
export function jsonEndpoint<Result extends Schema, Body = undefined>(
  options: Described & {
    readonly body?: v.GenericSchema<unknown, Body>
    /** The most bytes of the body; as usual when left out. */
    readonly maxBytes?: number
    /** Default 200. */
    readonly status?: 200 | 201
    readonly answer: Result
    /** Makes it safe to repeat: an answer with the same key is given again. */
    readonly keys?: IdempotencyKeys
    readonly handle: (context: ApiContext, body: Body) => v.InferOutput<Result> | Promise<v.InferOutput<Result>>
  },
): Endpoint {
  const { body, maxBytes, status = 200, answer, keys, handle, ...described } = options
  const { id, headers, problems = [] } = described
  return {
    ...described,
    ...(keys && { headers: { ...headers, ...keyHeader }, problems: [...problems, ...keyProblems] }),
    ...(body && { body }),
    answers: { [status]: { type: 'json', schema: answer } },
    async handle(context) {
      // Without a schema, Body is undefined.
      const wanted = body ? await readJson(context.req.raw, body, { maxBytes }) : (undefined as Body)
      const act = async () => context.json(await handle(context, wanted), status)
      const key = context.req.header(idempotencyHeader)
      if (!keys || key === undefined) return act()
      const memberId = context.get('member').id
      const kept = await keys.once({ memberId, key, request: [id, wanted], act: async () => keep(await act()) })
      return new Response(kept.body, { status: kept.status, headers: kept.headers.map(([...field]) => field) })
    },
  }
}

/** An endpoint that answers with 204 and nothing else. */
export function emptyEndpoint(
  options: Described & {
    readonly takes?: readonly string[]
    readonly handle: (context: ApiContext) => void | Promise<void>
  },
): Endpoint {
  const { handle, ...described } = options
  return {
    ...described,
    answers: { 204: { type: 'empty' } },
    async handle(context) {
      await handle(context)
      return context.body(null, 204)
    },
  }
}

async function keep(response: Response): Promise<KeptAnswer> {
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}
