import { Icon } from '../ui/icon.tsx'

/** For a page that was opened by an address that means another machine elsewhere: its links lead nobody else in. */
export function OnlyHere() {
  if (!/^(localhost|127\.|\[::1\])/.test(location.hostname)) return null
  return (
    <p class="new-link-note">
      <Icon name="warning" />
      <span>
        This address leads to this computer only. To let others on your network in, start Porchlight with{' '}
        <code>npm start -- --host 0.0.0.0</code> and open the <code>https</code> link that it prints.
      </span>
    </p>
  )
}
