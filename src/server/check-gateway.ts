import { openWebSocket } from '../http/open-websocket.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { decodeGatewayMessage, hostsPath, registrationSubprotocol } from '../wire/reach/registration.ts'
import type { Check } from './check.ts'

const answerMs = 8000

/** Whether a gateway takes hosts now. None is registered by it: a host that runs on these data keeps its place there. */
export async function checkGateway(url: string, clock: Clock): Promise<Check> {
  const what = 'Path: gateway'
  const beganMs = clock.nowMs()
  try {
    await askGateway(url, clock)
    const tookMs = Math.round(clock.nowMs() - beganMs)
    return { what, health: 'good', detail: `${url} answers in ${tookMs} ms; who has a link finds this host through it` }
  } catch (error) {
    return { what, health: 'poor', detail: `${url}: ${messageOf(error)} (--gateway)` }
  }
}

/** Rejects with why it takes none. */
async function askGateway(url: string, clock: Clock): Promise<void> {
  const options = { subprotocol: registrationSubprotocol, clock, isCertified: false }
  const pipe = await openWebSocket(url + hostsPath, options)
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const timer = clock.after(answerMs, () => reject(new Error('it does not answer')))
  pipe.listen({
    message(message) {
      try {
        if (typeof message !== 'string') throw new Error('it says what is no text')
        const said = decodeGatewayMessage(message)
        if (said.type === 'refused') throw new Error(`it refuses (${said.code}): ${said.message}`)
        resolve(undefined)
      } catch (error) {
        reject(error)
      }
    },
    fault: (_code, message) => reject(new Error(message)),
  })
  void pipe.closed.then(() => reject(new Error('it hung up')))
  try {
    await promise
  } finally {
    timer.cancel()
    pipe.close(1000, '')
  }
}
