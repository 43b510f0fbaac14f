import type { SecurePage } from '../model/secure-page.ts'
import { SecureLink } from '../ui/secure-link.tsx'

/** No media comes by WebRTC, and none can come through the web port: why, and what to do. */
export function NoMediaCard({ secure, onLeave }: { secure: SecurePage; onLeave: () => void }) {
  return (
    <div class="overlay" role="alert">
      <div class="overlay-card">
        <h2>No picture gets through</h2>
        <p>{secure.isNeeded ? <OnPlainHttp secure={secure} /> : blockedAndNoDecoder}</p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onLeave}>
            Back to the lobbies
          </button>
          <SecureLink secure={secure} primary />
        </div>
        <p class="overlay-note">
          <span class="spinner" aria-hidden="true" />
          UDP is tried again and again meanwhile.
        </p>
      </div>
    </div>
  )
}

const blockedAndNoDecoder =
  'Nothing comes by UDP: it may be blocked between the host and here. Picture and sound could come through the web port, but this browser has no WebCodecs to decode them with: a newer one has.'

function OnPlainHttp({ secure }: { secure: SecurePage }) {
  const isOffered = secure.origin.value !== undefined
  return (
    <>
      Nothing comes by UDP: it may be blocked between the host and here. Picture and sound can come through the web
      port, but browsers decode them on secure pages only, and this one came by plain HTTP.{' '}
      {isOffered
        ? 'Open it by HTTPS: you stay signed in. A browser may warn of the host’s certificate the first time.'
        : 'Open it by HTTPS, if the host has it turned on or there is a proxy that speaks it, or at localhost.'}
    </>
  )
}
