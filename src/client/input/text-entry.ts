import type { InputMessage } from '../../domain/input-event.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import { textEdit } from './text-edit.ts'

/** Something to delete, or a phone's keyboard tells nothing about its backspace key. */
const padding = '_'.repeat(64)

/**
 * The hidden field that has the focus while the keyboard belongs to the app: input methods and on-screen keyboards only
 * work in one. Physical keys pass by it.
 */
export interface TextEntry {
  readonly field: HTMLTextAreaElement
  /** Whether the next focus brings up the on-screen keyboard. */
  setOnScreen(shown: boolean): void
  close: Unsubscribe
}

export function openTextEntry(parent: HTMLElement, send: (message: InputMessage) => void): TextEntry {
  const field = document.createElement('textarea')
  field.setAttribute('aria-label', 'Keyboard input of the app')
  field.autocapitalize = 'off'
  field.autocomplete = 'off'
  field.spellcheck = false
  field.setAttribute('autocorrect', 'off')
  field.inputMode = 'none'
  // Whoever walks the page by Tab must not fall into the app; it takes a click or `focus()`.
  field.tabIndex = -1
  // Invisible, but there: a field that is not rendered cannot have the focus. 16px keeps iOS from zooming in.
  Object.assign(field.style, {
    position: 'absolute',
    left: '50%',
    bottom: '0',
    width: '1px',
    height: '1px',
    padding: '0',
    border: '0',
    opacity: '0',
    resize: 'none',
    fontSize: '16px',
    pointerEvents: 'none',
  })
  parent.append(field)

  let onScreen = false
  let seen = ''
  const empty = () => {
    seen = onScreen ? padding : ''
    field.value = seen
    field.setSelectionRange(seen.length, seen.length)
  }
  const typeDifference = () => {
    for (const message of textEdit(seen, field.value)) send(message)
    seen = field.value
  }
  const onInput = (event: Event) => {
    const { isComposing } = event as InputEvent
    // A phone composes every word, and what it composes is to be seen at once; elsewhere only the result counts.
    if (onScreen || !isComposing) typeDifference()
    if (!isComposing) empty()
  }
  const onCompositionEnd = () => {
    typeDifference()
    empty()
  }
  field.addEventListener('input', onInput)
  field.addEventListener('compositionend', onCompositionEnd)

  return {
    field,
    setOnScreen(shown) {
      onScreen = shown
      field.inputMode = shown ? 'text' : 'none'
      empty()
    },
    close() {
      field.remove()
    },
  }
}
