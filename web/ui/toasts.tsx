import type { ToastKind, Toasts } from '../model/toasts.ts'
import { Icon, type IconName } from './icon.tsx'

const signs: Readonly<Record<ToastKind, IconName>> = { success: 'check', info: 'info', warning: 'warning' }

export function ToastList({ toasts }: { toasts: Toasts }) {
  return (
    <div class="toasts" role="status">
      {toasts.list.value.map(({ id, text, kind }) => (
        <div key={id} class="toast" data-kind={kind}>
          <Icon name={signs[kind]} />
          <span>{text}</span>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => toasts.dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  )
}
