import { CopyField } from '../ui/copy-field.tsx'
import { PlainPage } from '../sign-in/plain-page.tsx'

/** For who has opened a party's link and is nobody here: the party is joined with a Porchlight of one's own. */
export function PartyInvitation({ link }: { link: string }) {
  const own = `http://localhost:8080/#${new URLSearchParams({ 'party-link': link }).toString()}`
  return (
    <PlainPage title="You are invited to a party">
      <p>A party is joined with a Porchlight of your own. Where it runs on this computer:</p>
      <p>
        <a class="button primary" href={own}>
          Join with it
        </a>
      </p>
      <p>Anywhere else, with this command:</p>
      <CopyField text={`npm start -- party join '${link}'`} label="Copy the command" />
    </PlainPage>
  )
}
