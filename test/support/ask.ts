import { once } from 'node:events'
import { request as requestPlain, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import * as v from 'valibot'
import { problem, type Problem } from '../../src/wire/api/resources.ts'

/** A request whose every header can be chosen, `Host` and `Origin` too; a browser or `fetch` would not let one. */
export interface Asked {
  /** 127.0.0.1 when left out. */
  readonly address?: string
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Asks by HTTPS, of whoever has this certificate. */
  readonly certificate?: string
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The text as JSON; throws when it is none. */
  json(): unknown
  /** The text as a problem; throws when it is none. */
  problem(): Problem
}

/** Asks on a connection of its own and reads the whole answer. */
export async function ask(port: number, asked: Asked): Promise<Answered> {
  const { address = '127.0.0.1', method = 'GET', path, headers = {}, body, certificate } = asked
  const options = { host: address, port, method, path, headers, agent: false }
  const outgoing =
    certificate === undefined ? requestPlain(options) : requestSecure({ ...options, ca: certificate, servername: '' })
  outgoing.end(body)
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk
  const json = (): unknown => JSON.parse(text)
  const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, text, json }
  return { ...answer, problem: () => v.parse(problem, json()) }
}
