import { useLayoutEffect, useRef } from 'preact/hooks'
import type { ApiClient } from '../../src/client/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { useLobbyOutput, type OutputLine } from './use-lobby-output.ts'

interface OutputDialogProps {
  readonly api: ApiClient
  readonly lobbyId: string
  readonly title: string
  readonly onError: (error: unknown) => void
  readonly onClose: () => void
}

/** What an app has printed, and what became of its runs: it follows, and stays where one has scrolled to. */
export function OutputDialog({ api, lobbyId, title, onError, onClose }: OutputDialogProps) {
  const lines = useLobbyOutput(api, lobbyId, onError).value
  return (
    <Dialog title={`What ${title} prints`} onClose={onClose}>
      {lines === undefined ? <p>Asking the host …</p> : <Printed lines={lines} label={`What ${title} prints`} />}
    </Dialog>
  )
}

function Printed({ lines, label }: { readonly lines: readonly OutputLine[]; readonly label: string }) {
  const list = useRef<HTMLOListElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    const element = list.current
    if (element && isAtEnd.current) element.scrollTop = element.scrollHeight
  }, [lines])
  if (lines.length === 0) return <p>It has not printed anything yet.</p>
  return (
    <ol
      class="output"
      ref={list}
      // Scrolled with the arrow keys.
      tabIndex={0}
      aria-label={label}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 8
      }}
    >
      {lines.map(({ number, at, source, text }) => (
        <li key={number} data-source={source}>
          <time dateTime={at}>{timeOfDay(at)}</time>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  )
}

function timeOfDay(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour12: false })
}
