const escape = '\u001B['
const levelColour: Readonly<Record<string, string>> = { debug: '90', info: '32', warn: '33', error: '31' }

/** One line of JSON from the log as a calm line for a terminal: `12:03:04 info  Lobby runs  lobbyId=ab tookMs=33`. */
export function formatForPeople(line: string, options: { readonly colour: boolean }): string {
  const entry = parsed(line)
  if (!entry) return line
  const { level, time, message, ...fields } = entry
  const paint = (code: string, text: string) => (options.colour ? `${escape}${code}m${text}${escape}0m` : text)
  const clock = paint('90', String(time).slice(11, 19))
  const label = paint(levelColour[String(level)] ?? '0', String(level).padEnd(5))
  const facts = Object.entries(fields)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join(' ')
  return `${clock} ${label} ${printable(String(message))}${facts ? `  ${paint('90', printable(facts))}` : ''}\n${stackOf(fields)}`
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value)
  if (isErrorLike(value)) return JSON.stringify(value.message)
  return JSON.stringify(value)
}

/** A stack belongs below its line, not into it. */
function stackOf(fields: Record<string, unknown>): string {
  const stacks = Object.values(fields).flatMap((value) => (isErrorLike(value) ? [value.stack] : []))
  const lines = stacks.flatMap((stack) => stack.split('\n'))
  return lines.map((line) => `         ${printable(line)}\n`).join('')
}

function isErrorLike(value: unknown): value is { message: string; stack: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string' &&
    'stack' in value &&
    typeof value.stack === 'string'
  )
}

/** Control characters and changes of the writing direction, from a title somebody chose, do not reach the terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is replaced
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g, '\uFFFD')
}
