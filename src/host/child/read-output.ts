import type { Readable } from 'node:stream'
import type { Clock } from '../../kernel/clock.ts'

const periodMs = 100
const charactersAtOnce = 128 * 1024

/**
 * Hands over what a child prints, about 1 MB in a second at most. A child that prints without end is slowed down by its
 * full pipe; reading as fast as it can write would take a core from everybody else.
 */
export function readOutput(stream: Readable, clock: Clock, onText: (text: string) => void): void {
  let room = charactersAtOnce
  stream.setEncoding('utf8').on('data', (text: string) => {
    onText(text)
    room -= text.length
    if (room > 0) return
    stream.pause()
    clock.after(periodMs, () => {
      room = charactersAtOnce
      stream.resume()
    })
  })
}
