import type { PointerButton } from '../../domain/input-event.ts'

/** The bits of `PointerEvent.buttons` (Pointer Events, section 4.1.2). */
const bits: readonly (readonly [bit: number, button: PointerButton])[] = [
  [1, 'left'],
  [2, 'right'],
  [4, 'middle'],
  [8, 'back'],
  [16, 'forward'],
]

/** What was pressed and released between two values of `PointerEvent.buttons`, releases first. */
export function buttonChanges(
  before: number,
  after: number,
): { readonly button: PointerButton; readonly down: boolean }[] {
  const changed = (held: number, other: number, down: boolean) =>
    bits.filter(([bit]) => (held & bit) !== 0 && (other & bit) === 0).map(([, button]) => ({ button, down }))
  return [...changed(before, after, false), ...changed(after, before, true)]
}
