import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ViewerModel } from '../model/viewer-model.ts'
import { Icon } from '../ui/icon.tsx'
import { StateDot } from '../ui/state-badge.tsx'

const cutMs = 5000

/** What became of the connection, what waits for it, and a way to see it come back. */
export function ConnectionPanel({ model }: { model: ViewerModel }) {
  const { status, retry, journal, chat, isCut } = model
  const waiting = chat.outbox.value.length
  const entries = journal.entries.value
  const first = entries[0]?.atMs ?? 0
  return (
    <section class="connection" aria-label="Connection">
      <dl>
        <div>
          <dt>State</dt>
          <dd>
            {status.value}
            {retry.value !== undefined && status.value !== 'connected' && `, try ${retry.value}`}
          </dd>
        </div>
        <div>
          <dt>Waits to be sent</dt>
          <dd>{waiting === 0 ? 'nothing' : waiting === 1 ? 'one text or wish' : `${waiting} texts and wishes`}</dd>
        </div>
      </dl>
      <button
        type="button"
        class="button small"
        disabled={isCut.value}
        title="Severs every connection of this page, as if its cable was pulled"
        onClick={() => model.cutNetwork(cutMs)}
      >
        <Icon name="unplug" />
        {isCut.value ? <Countdown fromMs={cutMs} /> : 'Cut my network for 5 s'}
      </button>
      <ol class="journal" aria-label="What became of it">
        {entries.map(({ atMs, text, status: entered }) => (
          <li key={atMs}>
            <span class="journal-time">{((atMs - first) / 1000).toFixed(1)} s</span>
            {entered && <StateDot status={entered} />}
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Countdown({ fromMs }: { fromMs: number }) {
  const leftMs = useSignal(fromMs)
  useEffect(() => {
    const sinceMs = performance.now()
    const timer = setInterval(() => {
      leftMs.value = Math.max(0, fromMs - (performance.now() - sinceMs))
    }, 100)
    return () => clearInterval(timer)
  }, [])
  return <>Network is cut, {(leftMs.value / 1000).toFixed(1)} s</>
}
