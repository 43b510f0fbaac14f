import type { WaitingRoomText } from '../contract/host-parts.ts'

const maxTitleLength = 80
const maxLines = 6
const maxLineLength = 46

/** Shortens a title and breaks a reason into the lines of a waiting room; what does not fit ends in an ellipsis. */
export function waitingRoomText(longTitle: string, reason: string): WaitingRoomText {
  const title = longTitle.slice(0, maxTitleLength)
  const lines: string[] = []
  let line = ''
  for (const word of reason.split(/\s+/).flatMap(splitLongWord)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= maxLineLength) {
      line = longer
    } else {
      lines.push(line)
      line = word
    }
  }
  if (line !== '') lines.push(line)
  if (lines.length <= maxLines) return { title, lines }
  const last = lines[maxLines - 1] ?? ''
  return { title, lines: [...lines.slice(0, maxLines - 1), `${last.slice(0, maxLineLength - 3)}...`] }
}

/** A path or an id can be longer than a line. */
function splitLongWord(word: string): readonly string[] {
  return word.match(new RegExp(`.{1,${maxLineLength}}`, 'gu')) ?? []
}
