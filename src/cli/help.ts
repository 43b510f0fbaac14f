import { configOptions } from '../server/config/config-options.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'

const commands = [
  ['up', 'start the server (default)'],
  ['doctor', 'look for everything that is needed and say how to get it; --network: which paths there are'],
  ['owner-link', 'replace the owner link and print the new one'],
  ['lobby ...', 'list, start, show, change and stop lobbies of the server that runs here'],
  ['app ...', 'list, show, export and import apps'],
  ['invite ...', 'make links for others, list and revoke them'],
  ['member ...', 'who came by a link: what they may do, and which lobbies are open to them'],
  ['device ...', 'devices of members: list, name, and take one away'],
  ['session ...', 'who is here and who was; send a session elsewhere, end one'],
  ['moonlight ...', "let Moonlight's clients in by the PIN that they show"],
  ['network ...', 'let the network in while the server runs, or shut it out'],
  ['config ...', 'list, set and unset the settings of the server that runs here, or of its next start'],
  ['party ...', 'make a party of hosts, join one, see who is in it, and say what members may do here'],
  ['control', 'run a control plane for parties, alone; --help tells its flags'],
  ['view LINK', 'watch and play what another host shows, by its native transport; --help tells its flags'],
  ['relay ...', 'run a relay, through which two ends reach each other when nothing is direct'],
  ['protocol ...', 'list and show what may be said on each wire, for Scribble, Mermaid or Graphviz'],
  [
    'replay FILE',
    'play a recorded conversation against its protocol and say what was wrong with it; --verify its seal',
  ],
  ['verify-ledger', 'say whether what was done once and what was said is as it was written down'],
] as const

const ownFlags = [
  ['--new-owner-link', 'make a new owner link; the old one stops working'],
  ['--qr, --no-qr', 'print the link as a QR code, or do not'],
  ['--help, --version', 'print this, or the version'],
] as const

/** Prints how to use it all. */
export function help({ output }: CommandContext): Promise<number> {
  const settings = Object.values(configOptions).map(({ flag, placeholder, help: text }) => {
    return [`--${flag}${placeholder === undefined ? '' : ` ${placeholder}`}`, text] as const
  })
  output.write(
    [
      'Porchlight keeps a live app running in a lobby while people come, go and come back.\n',
      '\nUsage: npm start -- [command] [flags]\n',
      section('Commands', commands),
      section('Flags', [...ownFlags, ...settings]),
      '\nEvery setting has an environment variable too, and can be kept by config; docs/configuration.md lists them.\n',
    ].join(''),
  )
  return Promise.resolve(exitCode.ok)
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return `\n${title}\n${rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('')}`
}
