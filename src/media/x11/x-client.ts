import type { Socket } from 'node:net'
import x11, { type Client, type Connected, type GrabControl } from 'x11'

/**
 * A client of the X server at the other end of a socket, with tables of its own: the package lets all clients of a process
 * share one table of atoms, and servers number theirs each in its own way.
 *
 * Rejects with an Error of the package. What the server refuses later shows in the answers, and as an `error` of the client, to
 * which somebody listens: one that nobody listens for would end the process.
 */
export async function openXClient(options: {
  /** For instance `:51`. */
  readonly display: string
  readonly socket: Socket
  readonly auth: { readonly name: string; readonly data: Uint8Array }
}): Promise<Connected> {
  const { promise, resolve, reject } = Promise.withResolvers<Connected>()
  const client = x11.createClient(
    {
      display: options.display,
      // A socket of our own: left to itself, the package tries TCP on localhost when the path does not exist.
      stream: options.socket,
      auth: { name: options.auth.name, data: Buffer.from(options.auth.data).toString('latin1') },
      bufferRequests: true,
      disableBigRequests: true,
    },
    (error, connected) => (error ? reject(error) : resolve(connected)),
  )
  client.on('error', reject)
  const connected = await promise
  client.atoms = { ...client.atoms }
  return connected
}

/**
 * Lets a client go on while another one has grabbed the server (XTEST, "XTestGrabControl"), as window managers do while a
 * window is placed or dragged. Rejects when the server has no XTEST.
 */
export function goOnDuringGrabs(client: Client): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  client.require('xtest', (error, xtest: GrabControl) => {
    if (error) reject(error)
    else {
      xtest.GrabControl(true)
      resolve()
    }
    return true
  })
  return promise
}
