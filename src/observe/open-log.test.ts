import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLog, type LogOptions } from './open-log.ts'
import { maxRepeats } from './repeated-lines.ts'

function logInto(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = openLog({ level: 'debug', destination: { write: (line) => lines.push(line) }, ...options })
  return { log, lines }
}

test('openLog writes one JSON object a line with level, time and fields', () => {
  const { log, lines } = logInto()
  log.with({ lobbyId: 'games' }).info('Lobby runs', { tookMs: 12 })
  const { time, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual(rest, { level: 'info', lobbyId: 'games', tookMs: 12, message: 'Lobby runs' })
})

test('openLog writes nothing below its level', () => {
  const { log, lines } = logInto({ level: 'warn' })
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  assert.equal(lines.length, 2)
})

test('openLog censors secrets in fields and in bound fields', () => {
  const { log, lines } = logInto()
  log.with({ ownerToken: 'SECRET' }).warn('Refused', { headers: { authorization: 'SECRET' }, text: 'SECRET' })
  assert.ok(!lines.join('').includes('SECRET'))
})

test('openLog writes calm lines for people when its destination is a terminal', () => {
  const lines: string[] = []
  const log = openLog({
    level: 'info',
    destination: { write: (line) => lines.push(line), isTTY: true },
    colour: false,
  })
  log.info('Lobby runs', { lobbyId: 'games', title: 'My desktop', error: new Error('no') })
  const [line, ...stack] = (lines[0] ?? '').split('\n')
  assert.match(line ?? '', /^\d\d:\d\d:\d\d info {2}Lobby runs {2}lobbyId=games title="My desktop" error="no"$/)
  assert.match(stack[0] ?? '', /^ {9}Error: no$/)
})

test('openLog keeps control characters away from the terminal', () => {
  const { log, lines } = logInto({ pretty: true, colour: false })
  const nasty = '\u001B]0;owned\u0007\u009B2J\u007F\u202Etxt.exe'
  log.info(`title ${nasty}`, { title: nasty, [nasty]: 1, error: new Error(nasty) })
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  assert.doesNotMatch(lines.join(''), /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/)
})

test('openLog writes what is said again and again so many times a minute, and how often it was said beside', () => {
  let nowMs = 0
  const { log, lines } = logInto({ level: 'info', nowMs: () => nowMs })
  const child = log.with({ lobbyId: 'games' })
  for (let count = 0; count < 500; count++) child.warn('A browser broke the protocol', { count })
  log.error('Something else')
  assert.equal(lines.length, maxRepeats + 1)
  nowMs = 60_000
  log.info('A viewer came')
  const said = lines.slice(maxRepeats + 1).map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    said.map(({ message, line, times }) => [message, line, times]),
    [
      ['Left out lines that came too often', 'A browser broke the protocol', 500 - maxRepeats],
      ['A viewer came', undefined, undefined],
    ],
  )
  child.warn('A browser broke the protocol')
  assert.equal(lines.length, maxRepeats + 4)
})

test('openLog leaves no line for debugging out, and remembers no more messages than it may', () => {
  const { log, lines } = logInto()
  for (let count = 0; count < 500; count++) log.debug('Observed a session')
  for (let count = 0; count < 5000; count++) log.warn(`message ${count}`)
  assert.equal(lines.length, 5500)
})
