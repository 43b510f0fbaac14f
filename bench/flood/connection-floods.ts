import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import type { Flood, FloodTarget } from './flood-target.ts'

const host = '127.0.0.1'
/** What is written at once; a reader that keeps up is written to again. */
const pipelineBytes = 256 * 1024
const pipelines = 8
const slowConnections = 256
const slowMs = 250
const idleConnections = 1024
const handshakesAtOnce = 16

/** Whole requests without a token, as many as go into connections that are read, asking for what costs most. */
export const pipelined: Flood = async (target, signal) => {
  const asset = await scriptOf(target)
  const paths = ['/healthz', asset, '/api/v1/me', '/api/v1/openapi.json']
  let answered = 0
  let dials = 0
  await Promise.all(
    Array.from({ length: pipelines }, async (_, index) => {
      const one = `GET ${paths[index % paths.length]} HTTP/1.1\r\nHost: localhost\r\n\r\n`
      const many = one.repeat(Math.ceil(pipelineBytes / one.length))
      while (!signal.aborted) {
        const socket = dial(target)
        dials++
        socket.on('data', (bytes: Buffer) => (answered += count(bytes, 'HTTP/1.1 ')))
        const gone = closed(socket)
        while (!signal.aborted && !socket.destroyed) {
          if (!socket.write(many)) await Promise.race([drained(socket), gone, aborted(signal)])
        }
        socket.destroy()
      }
    }),
  )
  return `${answered} requests answered on ${dials} connections`
}

/** Heads and bodies that come byte by byte on as many connections as are taken. */
export const slow: Flood = async (target, signal) => {
  const head = 'GET / HTTP/1.1\r\nHost: localhost\r\nX: '
  const body =
    'POST /api/v1/hand-overs/redeem HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{'
  const dials = await hold(target, signal, slowConnections, (index) => (index % 2 === 0 ? head : body))
  return `${dials} connections`
}

/** Connections that say nothing, made anew as soon as they are ended. */
export const idle: Flood = async (target, signal) => {
  return `${await hold(target, signal, idleConnections, () => '')} connections`
}

/** TLS handshakes, one behind the other on each of a few connections. */
export const handshakes: Flood = async ({ port }, signal) => {
  let done = 0
  let refused = 0
  const shake = async () => {
    while (!signal.aborted) {
      const socket = connectTls({ port, host, rejectUnauthorized: false }).on('error', () => refused++)
      socket.once('secureConnect', () => {
        done++
        socket.destroy()
      })
      await Promise.race([closed(socket), aborted(signal)])
      socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: handshakesAtOnce }, shake))
  return `${done} handshakes, ${refused} refused`
}

async function hold(target: FloodTarget, signal: AbortSignal, connections: number, first: (index: number) => string) {
  let dials = 0
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      while (!signal.aborted) {
        const socket = dial(target)
        dials++
        socket.resume()
        const text = first(index)
        if (text !== '') socket.write(text)
        const dripping = setInterval(() => text !== '' && socket.writable && socket.write('a'), slowMs)
        await Promise.race([closed(socket), aborted(signal)])
        clearInterval(dripping)
        socket.destroy()
        // Whoever is cut off comes back, though not in a busy loop.
        await pause(slowMs)
      }
    }),
  )
  return dials
}

/** The largest file that a page loads. */
async function scriptOf({ port }: FloodTarget): Promise<string> {
  const page = await fetch(`http://${host}:${port}/`)
  return /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? '/'
}

function dial({ port }: FloodTarget): Socket {
  return connect(port, host).on('error', () => {})
}

/** Unlike `once`, indifferent to how it ends. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('drain', () => resolve()))
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return signal.aborted ? Promise.resolve() : once(signal, 'abort')
}

function count(bytes: Buffer, what: string): number {
  let found = 0
  for (let at = bytes.indexOf(what); at !== -1; at = bytes.indexOf(what, at + what.length)) found++
  return found
}
