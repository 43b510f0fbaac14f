/** A remedy as a host words it: something to read, and commands to take along. */
export interface SplitRemedy {
  readonly sentence: string
  readonly commands: readonly string[]
}

const betweenTicks = /`([^`]+)`/g
/** The text ends with what is to be typed: `To install: sudo apt-get install xterm`. */
const atTheEnd = /(?:^|:\s+)((?:sudo|apt-get|apt|npm|npx|docker|porchlight) [^`]+)$/

/** Finds the commands in a remedy: what stands between backticks, or what it ends with. */
export function splitRemedy(text: string): SplitRemedy {
  const marked = [...text.matchAll(betweenTicks)].map(([, command = '']) => command)
  if (marked.length > 0) return { sentence: text.replaceAll('`', ''), commands: marked }
  const [, last] = atTheEnd.exec(text) ?? []
  if (last === undefined) return { sentence: text, commands: [] }
  return { sentence: text.slice(0, text.length - last.length).trim(), commands: [last] }
}
