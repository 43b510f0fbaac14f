import type { Toasts } from '../model/toasts.ts'
import { Icon } from './icon.tsx'

export function ToastList({ toasts }: { toasts: Toasts }) {
  return (
    <div class="toasts" role="status">
      {toasts.list.value.map(({ id, text }) => (
        <div key={id} class="toast">
          <Icon name="warning" />
          <span>{text}</span>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => toasts.dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  )
}
