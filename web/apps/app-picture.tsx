import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiClient, AppView } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'
import { appSign } from './app-sign.ts'

/** The icon of an app where it has one, else its sign. */
export function AppPicture({ app, api }: { app: Pick<AppView, 'id' | 'icon'>; api: ApiClient }) {
  const address = useSignal<string | undefined>(undefined)
  const { id, icon } = app
  useEffect(() => {
    if (icon === null) return undefined
    let isGone = false
    let made: string | undefined
    const load = async () => {
      const blob = await api.appIcon(id)
      if (isGone) return
      made = URL.createObjectURL(blob)
      address.value = made
    }
    // Without it there is still the sign.
    load().catch(() => {})
    return () => {
      isGone = true
      address.value = undefined
      if (made !== undefined) URL.revokeObjectURL(made)
    }
  }, [api, id, icon])
  return (
    <span class={`shelf-sign ${address.value === undefined ? '' : 'has-picture'}`} aria-hidden="true">
      {address.value === undefined ? <Icon name={appSign(id)} /> : <img src={address.value} alt="" />}
    </span>
  )
}
