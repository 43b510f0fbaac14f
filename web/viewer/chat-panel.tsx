import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { ConnectionStatus, LobbyText } from '../../src/client/index.ts'
import type { ChatModel } from '../model/chat-model.ts'
import { Icon } from '../ui/icon.tsx'

interface ChatPanelProps {
  readonly chat: ChatModel
  readonly status: ConnectionStatus
  readonly onClose: () => void
}

/** What is said in the lobby, and a line to say something: also while there is no connection, for when there is one. */
export function ChatPanel({ chat, status, onClose }: ChatPanelProps) {
  const list = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useSignal('')
  const texts = chat.texts.value
  const waiting = chat.waiting.value
  const refused = chat.refused.value
  useEffect(() => field.current?.focus(), [])
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight
  }, [texts, waiting.length, refused])
  const say = () => {
    const text = draft.value.trim()
    if (text === '') return
    chat.say(text)
    draft.value = ''
  }
  return (
    <aside
      class="chat"
      aria-label="Chat"
      onKeyDown={(event) => {
        // What is written here is not for the app.
        event.stopPropagation()
        if (event.key === 'Escape') onClose()
      }}
    >
      <div class="stats-head">
        <h2>Chat</h2>
        <button type="button" class="icon-button" aria-label="Close the chat" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div ref={list} class="chat-list" role="log" aria-label="What was said" tabIndex={0}>
        <ol>
          {texts.length === 0 && waiting.length === 0 && <li class="chat-empty">Nobody has said anything yet.</li>}
          {texts.map((text, index) => (
            <Said
              key={text.id}
              text={text}
              isOwn={chat.isOwn(text)}
              goesOn={texts[index - 1]?.memberId === text.memberId}
            />
          ))}
          {waiting.map((item) => (
            <li key={`waiting ${item.sequence}`} class="chat-text own waiting">
              <p>{item.do === 'say' && item.text}</p>
              <span class="chat-note">
                <span class="spinner" aria-hidden="true" />
                {status === 'connected' ? 'Sending' : 'Waits for the connection'}
              </span>
            </li>
          ))}
          {refused && (
            <li class="chat-text own refused" role="alert">
              <p>{refused.text}</p>
              <span class="chat-note">
                <Icon name="warning" />
                {refused.why}
              </span>
            </li>
          )}
        </ol>
      </div>
      <form
        class="chat-form"
        onSubmit={(event) => {
          event.preventDefault()
          say()
        }}
      >
        <textarea
          ref={field}
          class="text-input"
          rows={1}
          maxLength={4000}
          aria-label="Say something to everybody here"
          placeholder="Say something"
          value={draft.value}
          onInput={(event) => {
            draft.value = event.currentTarget.value
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            say()
          }}
        />
        <button type="submit" class="icon-button" aria-label="Say it" disabled={draft.value.trim() === ''}>
          <Icon name="send" />
        </button>
      </form>
    </aside>
  )
}

function Said({ text, isOwn, goesOn }: { text: LobbyText; isOwn: boolean; goesOn: boolean }) {
  const at = new Date(text.atMs)
  return (
    <li class={`chat-text ${isOwn ? 'own' : ''}`}>
      {!goesOn && (
        <span class="chat-name">
          {isOwn ? 'You' : text.name}
          <time dateTime={at.toISOString()}>{at.toLocaleTimeString(undefined, { timeStyle: 'short' })}</time>
        </span>
      )}
      <p>{text.text}</p>
    </li>
  )
}

/** What somebody has just said, for those who have the chat closed; a click opens it. */
export function ChatGlimpse({ chat }: { chat: ChatModel }) {
  const said = chat.glimpse.value
  if (!said) return null
  return (
    <button type="button" class="chat-glimpse" aria-live="polite" onClick={() => chat.open()}>
      <strong>{said.name}</strong>
      <span>{said.text}</span>
    </button>
  )
}
