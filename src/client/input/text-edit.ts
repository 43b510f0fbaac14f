import type { InputMessage } from '../../domain/input-event.ts'

/**
 * What to type so that `before` becomes `after`: on-screen keyboards change words that stand already, and tell nothing
 * but the result. Backspaces remove from the first difference on, then the rest is typed.
 */
export function textEdit(before: string, after: string): InputMessage[] {
  const old = Array.from(before)
  const fresh = Array.from(after)
  let same = 0
  while (same < old.length && same < fresh.length && old[same] === fresh[same]) same++
  return [
    ...old.slice(same).flatMap(() => strike('Backspace')),
    ...fresh
      .slice(same)
      .join('')
      .split(/(\n)/)
      .filter((part) => part !== '')
      .flatMap((part): InputMessage[] => (part === '\n' ? strike('Enter') : [{ type: 'text', text: part }])),
  ]
}

function strike(key: string): InputMessage[] {
  return [
    { type: 'key', code: key, key, down: true },
    { type: 'key', code: key, key, down: false },
  ]
}
