import { linkWithToken } from '../server/network/page-links.ts'
import type { LobbyFacts, MissingPart, ServerFacts } from '../server/server-facts.ts'

/** Such a link is too long for a line beside others, and the owner's token is told in one link already. */
const howToView =
  'by npm start -- view LINK from another machine. Share in the page and npm start -- invite create make links.'

/** One indented line of the banner: `  Open    http://...`. */
function line(label: string, text: string): string {
  return `  ${label.padEnd(8)}${text}\n`
}

/**
 * What is printed as soon as the port listens. `links` come in order of their use; `ownerToken` is there when it has just been made, `isNative`
 * where programs can view by the native transport; `fingerprint` where a certificate is served that nobody but this host vouches for. `drawQrCode` draws a link, or cannot because it is too long.
 */
export function openBanner(options: {
  links: readonly string[]
  isNative: boolean
  ownerToken: string | undefined
  fingerprint: string | undefined
  drawQrCode: ((link: string) => string | undefined) | undefined
  /** Whether the network can be let in while it runs. */
  canLetNetworkIn: boolean
}): string {
  const { ownerToken, fingerprint, drawQrCode } = options
  const [first = '', ...others] = options.links.map((link) => {
    return ownerToken === undefined ? link : linkWithToken(link, ownerToken)
  })
  const drawing = drawQrCode?.(first)
  return [
    'Porchlight is on.\n',
    line('Open', drawing === undefined ? first : `${first}  (QR code below)`),
    ...others.map((link) => line('', link)),
    ownerToken === undefined
      ? line('', 'with the link of the first start, or make a new one: npm start -- --new-owner-link')
      : line('', 'The link is the key to everything here. It is shown this once: keep it.'),
    ...(options.isNative ? [line('Native', howToView)] : []),
    ...(options.links.every(isOnlyHere) ? howToLetOthersIn(options.canLetNetworkIn) : []),
    ...(fingerprint === undefined ? [] : describeCertificate(fingerprint)),
    drawing === undefined ? '' : `\n${drawing}\n`,
  ].join('')
}

/** Told where every link means another machine elsewhere. */
function howToLetOthersIn(canLetNetworkIn: boolean): readonly string[] {
  if (!canLetNetworkIn)
    return [line('Others', 'are let in by npm start -- --host 0.0.0.0. So far it leads to this computer only.')]
  return [
    line('Others', 'So far it leads to this computer only. Your network is let in by Share in the page,'),
    line('', 'by npm start -- network open beside this one, or at the next start by npm start -- --host 0.0.0.0.'),
  ]
}

function isOnlyHere(link: string): boolean {
  return /^(localhost|127\..*|\[::1\])$/.test(new URL(link).hostname)
}

/** The fingerprint as two lines of eight groups, for eyes that go to and fro between it and a browser. */
function describeCertificate(fingerprint: string): readonly string[] {
  const groups = fingerprint.replaceAll(':', '').match(/.{4}/g) ?? []
  return [
    line(
      'HTTPS',
      "has a certificate of this machine's own, of which a browser warns once. Compare its SHA-256 fingerprint:",
    ),
    line('', groups.slice(0, 8).join(' ')),
    line('', groups.slice(8).join(' ')),
  ]
}

/** What is printed once it is known: the lobbies, what is missing, how to stop. */
export function readyBanner({ lobbies, missing, appUsers }: ServerFacts): string {
  return [
    ...lobbies.map((lobby) => line('Lobby', describeLobby(lobby))),
    ...(appUsers === undefined ? [] : [line('Apps', appUsers)]),
    ...missing.map(describeMissing),
    line('Stop', 'Ctrl+C'),
  ].join('')
}

function describeLobby({ title, width, height, fps, encoding }: LobbyFacts): string {
  return [title, `${width}x${height}@${fps}`, ...(encoding ? [encoding.codec, encoding.encoder] : [])].join('  ')
}

function describeMissing({ what, consequence, remedy }: MissingPart): string {
  return line('Missing', `${what}: ${consequence}`) + line('', remedy)
}
