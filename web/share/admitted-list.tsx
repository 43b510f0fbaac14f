import type { HouseModel } from '../model/house-model.ts'
import type { ShareModel } from '../model/share-model.ts'

/** Who may come in though their link is for another lobby, each with a way to close this one to them again. */
export function AdmittedList({ house, share }: { house: HouseModel; share: ShareModel }) {
  const guests = share.admitted.value
  if (guests.length === 0) return null
  return (
    <section class="invitations" aria-labelledby="admitted-title">
      <h3 id="admitted-title">Let in beside their link</h3>
      <ul class="guests admitted">
        {guests.map((guest) => {
          const { id, name, lobbyId, present } = guest
          const other = house.lobby(lobbyId)?.title ?? 'another lobby'
          return (
            <li key={id}>
              <span class={`dot ${present ? 'green' : 'gray'}`} />
              <span class="guest-name">
                {name}
                <small>came by a link to {other}</small>
              </span>
              <button
                type="button"
                class="button small danger"
                aria-label={`Close this lobby to ${name}`}
                title={`${name} may not come in here any more; their own link still holds`}
                onClick={() => void share.close(guest)}
              >
                Close to them
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
