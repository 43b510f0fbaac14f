import { useRef } from 'preact/hooks'
import type { ApiClient } from '../../src/client/index.ts'

interface AppFileProps {
  readonly api: ApiClient
  readonly onError: (error: unknown) => void
  /** What became of an import, for people. */
  readonly onDone: (said: string) => void
}

/** Apps from a file and into one. */
export function AppFile({ api, onError, onDone }: AppFileProps) {
  const file = useRef<HTMLInputElement>(null)
  const take = async (input: HTMLInputElement) => {
    const [chosen] = input.files ?? []
    if (!chosen) return
    try {
      const { created, changed, unchanged } = await api.importApps(await chosen.text())
      onDone(`Imported: ${created.length} new, ${changed.length} changed, ${unchanged.length} as before`)
    } catch (error) {
      onError(error)
    } finally {
      // The same file can be chosen again.
      input.value = ''
    }
  }
  const give = async () => {
    try {
      const address = URL.createObjectURL(new Blob([await api.exportApps()], { type: 'application/toml' }))
      const link = document.createElement('a')
      link.href = address
      link.download = 'apps.toml'
      link.click()
      URL.revokeObjectURL(address)
    } catch (error) {
      onError(error)
    }
  }
  return (
    <>
      <button type="button" class="button" onClick={() => file.current?.click()}>
        Import
      </button>
      <button type="button" class="button" onClick={() => void give()}>
        Export
      </button>
      <input
        ref={file}
        type="file"
        hidden
        accept=".toml,application/toml"
        aria-label="A file of apps"
        onChange={(event) => void take(event.currentTarget)}
      />
    </>
  )
}
