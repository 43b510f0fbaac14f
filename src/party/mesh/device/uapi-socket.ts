import { connect } from 'node:net'
import { messageOf } from '../../../kernel/coded-error.ts'
import { decodeUapiAnswer, mostUapiBytes } from '../../../wire/wireguard/uapi.ts'
import { WireError } from '../../../wire/wire-error.ts'
import { MeshError } from '../contract/mesh-error.ts'

const patienceMs = 10_000

/** Asks an implementation of WireGuard by its socket, and returns what it says. Rejects with MeshError `refused`. */
export async function askUapi(
  socketPath: string,
  request: string,
): Promise<ReturnType<typeof decodeUapiAnswer>['lines']> {
  try {
    const { errno, lines } = decodeUapiAnswer(await exchange(socketPath, request))
    if (errno === 0) return lines
    throw new MeshError('refused', `WireGuard refused what it was told, with error ${errno}`)
  } catch (error) {
    if (error instanceof MeshError) throw error
    const where = error instanceof WireError ? '' : ` at ${socketPath}`
    throw new MeshError('refused', `WireGuard cannot be asked${where}: ${messageOf(error)}`, { cause: error })
  }
}

/** One answer of one connection, as long as it may be. */
function exchange(path: string, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(path)
  let heard = ''
  socket.setEncoding('utf8').setTimeout(patienceMs, () => socket.destroy(new Error('it does not answer')))
  socket.on('data', (text: string) => {
    heard += text
    if (heard.length > mostUapiBytes) socket.destroy(new Error('its answer has no end'))
    else if (heard.endsWith('\n\n')) socket.end()
  })
  socket.on('error', reject)
  socket.on('close', () => resolve(heard))
  socket.write(request)
  return promise
}
