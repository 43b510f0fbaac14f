import { useSignal, type ReadonlySignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiClient, LobbyOutputView } from '../../src/client/index.ts'

export type OutputLine = LobbyOutputView['lines'][number]

const periodMs = 1000
const retryMs = 5000
/** What the host keeps at most; older ones are dropped here as well. */
const maxLines = 1000

/** What a lobby's app has printed, asked for again every second; undefined until it was told once. */
export function useLobbyOutput(
  api: ApiClient,
  lobbyId: string,
  onError: (error: unknown) => void,
): ReadonlySignal<readonly OutputLine[] | undefined> {
  const lines = useSignal<readonly OutputLine[] | undefined>(undefined)
  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      const known = lines.value ?? []
      const { lines: more } = await api.lobbyOutput(lobbyId, known.at(-1)?.number ?? 0)
      if (isOver) return
      if (lines.value === undefined || more.length > 0) lines.value = [...known, ...more].slice(-maxLines)
      timer = setTimeout(follow, periodMs)
    }
    let isTold = false
    const follow = () => {
      ask().then(
        () => (isTold = false),
        (error: unknown) => {
          if (isOver) return
          if (!isTold) onError(error)
          isTold = true
          timer = setTimeout(follow, retryMs)
        },
      )
    }
    follow()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [lobbyId])
  return lines
}
