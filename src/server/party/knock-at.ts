import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { Clock } from '../../kernel/clock.ts'
import { apiPrefix } from '../../wire/api/resources.ts'

const patienceMs = 4000

/**
 * How long another host's page takes to answer whether it is there, without the time to make a connection, in milliseconds; undefined where it
 * is not reached. Nothing secret is sent and nothing that comes is used, so that its certificate does not matter.
 */
export function knockAt(page: string, clock: Clock): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const url = URL.parse(`${apiPrefix}/signal`.slice(1), page.endsWith('/') ? page : `${page}/`)
  if (!url || !/^https?:$/.test(url.protocol)) return Promise.resolve(undefined)
  const isSecure = url.protocol === 'https:'
  const request = (isSecure ? requestSecure : requestPlain)(url, {
    method: 'HEAD',
    agent: false,
    ...(isSecure && { rejectUnauthorized: false }),
  })
  let sentMs: number | undefined
  request.on('socket', (socket) => {
    socket.once(isSecure ? 'secureConnect' : 'connect', () => (sentMs = clock.nowMs()))
  })
  const timer = clock.after(patienceMs, () => request.destroy())
  request.on('response', (response) => {
    response.resume()
    resolve(sentMs === undefined ? undefined : clock.nowMs() - sentMs)
  })
  request.on('error', () => resolve(undefined))
  request.on('close', () => {
    timer.cancel()
    resolve(undefined)
  })
  request.end()
  return promise
}
