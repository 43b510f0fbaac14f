import { STATUS_CODES } from 'node:http'
import type { BodyError } from './http-error.ts'

/** An answer before it is put on a wire. */
export interface ProblemAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON, see RFC 9457. */
  readonly body: string
}

/** Tells what is wrong as RFC 9457 has it, with the `code` that programs tell problems by. */
export function problemAnswer(problem: {
  status: number
  code: string
  detail: string
  headers?: Readonly<Record<string, string>> | undefined
  /** Which case of the code it is, where that matters to a program. */
  reason?: string | undefined
  errors?: readonly BodyError[] | undefined
}): ProblemAnswer {
  const { status, code, detail, headers, reason, errors = [] } = problem
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify({
      type: `urn:porchlight:problem:${code}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      code,
      detail,
      ...(reason !== undefined && { reason }),
      ...(errors.length > 0 && { errors }),
    }),
  }
}

/** As what hono answers with. */
export function problemResponse({ status, headers, body }: ProblemAnswer): Response {
  return new Response(body, { status, headers })
}
