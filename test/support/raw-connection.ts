import { connect, type Socket } from 'node:net'

/** A connection whose bytes a test chooses; that it breaks is no error. */
export function dial(port: number): Socket {
  return connect(port, '127.0.0.1').on('error', () => {})
}

/** Unlike `once`, indifferent to how the connection ends. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** Everything that comes until the end. */
export async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  await closed(socket)
  return text
}

/** What comes, up to and with the `count`th place that matches. */
export function readUntil(socket: Socket, pattern: RegExp, count = 1): Promise<string> {
  const all = new RegExp(pattern, `${pattern.flags.replace('g', '')}g`)
  return new Promise((resolve, reject) => {
    let text = ''
    const onData = (bytes: Buffer | string) => {
      text += bytes.toString('latin1')
      if ((text.match(all)?.length ?? 0) < count) return
      socket.off('data', onData).off('close', onClose)
      resolve(text)
    }
    const onClose = () => reject(new Error(`The connection ended after ${JSON.stringify(text.slice(-500))}`))
    socket.on('data', onData).once('close', onClose)
  })
}
