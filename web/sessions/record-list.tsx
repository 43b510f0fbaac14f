import { useSignalEffect } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { HostModel } from '../model/host-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { RecordsModel } from '../model/records-model.ts'
import { knownCauses } from './describe-cause.ts'
import { RecordRow } from './record-row.tsx'

/** The stays that were, newest first, a page at a time. */
export function RecordList({ page, host }: { page: PageModel; host: HostModel }) {
  const model = useMemo(() => new RecordsModel({ api: host.api, onError: page.report }), [host])
  // Whoever comes or goes is at the top of the list.
  useSignalEffect(() => {
    void host.sessions.value.length
    model.refresh()
  })
  const records = model.records.value
  const { cause = '', lobby = '' } = model.filter.value
  const narrow = (change: { cause?: string; lobby?: string }) => {
    const wanted = Object.entries({ cause, lobby, ...change }).filter(([, value]) => value !== '')
    model.narrow(Object.fromEntries(wanted))
  }
  return (
    <section class="sessions" aria-labelledby="records-title" aria-busy={model.isLoading.value}>
      <div class="records-head">
        <h2 id="records-title">All stays</h2>
        <div class="records-filters">
          <select
            class="select"
            aria-label="How it ended"
            value={cause}
            onChange={(event) => narrow({ cause: event.currentTarget.value })}
          >
            <option value="">Any end</option>
            {knownCauses.map((known) => (
              <option key={known.cause} value={known.cause}>
                {known.text}
              </option>
            ))}
          </select>
          <select
            class="select"
            aria-label="Lobby"
            value={lobby}
            onChange={(event) => narrow({ lobby: event.currentTarget.value })}
          >
            <option value="">Any lobby</option>
            {host.lobbies.value.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </div>
      </div>
      {records?.length === 0 && <p class="records-none">There are none{cause || lobby ? ' like that' : ' yet'}.</p>}
      <ul class="record-list">
        {records?.map((record) => (
          <RecordRow key={record.id} record={record} />
        ))}
      </ul>
      {model.hasMore.value && (
        <button type="button" class="button records-more" disabled={model.isLoading.value} onClick={() => model.more()}>
          Show older ones
        </button>
      )}
    </section>
  )
}
