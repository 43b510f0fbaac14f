import * as v from 'valibot'
import { isPortList, usualGamePorts } from '../../party/broadcast/game-ports.ts'
import { meshModes } from '../../party/mesh/mesh-mode.ts'
import { option, toldOption } from './config-option.ts'
import { openedPorts, portShares, tellOpened, tellShare } from './config-ports.ts'

const partiesServed = ['own', 'all', 'off'] as const

/** What a host is to parties, and to the network of its own. */
export const partyOptions = {
  parties: option({
    flag: 'parties',
    variable: 'PORCHLIGHT_PARTIES',
    placeholder: 'own|all|off',
    wanted: 'own, all or off',
    choices: partiesServed,
    example: 'all',
    usual: { value: 'own' },
    help: 'whose parties this host is the control plane of (own)',
    schema: v.picklist(partiesServed),
  }),
  mesh: option({
    flag: 'mesh',
    variable: 'PORCHLIGHT_MESH',
    placeholder: 'auto|on|off',
    wanted: 'auto, on or off',
    choices: meshModes,
    example: 'off',
    usual: { value: 'auto' },
    applies: 'at-once',
    help: "whether this machine is in its party's virtual LAN (auto: where it may)",
    schema: v.picklist(meshModes),
  }),
  gamePorts: option({
    flag: 'game-ports',
    variable: 'PORCHLIGHT_GAME_PORTS',
    placeholder: 'PORTS',
    wanted: 'UDP ports and ranges, separated by commas, such as 6112,27910-27970, at most 40, or none',
    example: '6112,27910-27970',
    usual: { value: usualGamePorts },
    help: 'UDP ports of broadcasts that go to the virtual LAN (those of many games)',
    schema: v.pipe(v.string(), v.check(isPortList)),
  }),
  sharePorts: toldOption({
    flag: 'share-port',
    variable: 'PORCHLIGHT_SHARE_PORTS',
    placeholder: 'PORT',
    repeated: true,
    wanted: 'ports as tcp:PORT or udp:PORT, with =HOST:PORT for where it leads and @ID,ID for who may; at most 64',
    example: 'tcp:25565',
    usual: { value: [] },
    applies: 'at-once',
    help: 'port that members of the party may come to; may be repeated',
    schema: portShares,
    tell: (shares) => shares.map(tellShare),
  }),
  openPorts: toldOption({
    flag: 'open-port',
    variable: 'PORCHLIGHT_OPEN_PORTS',
    placeholder: 'PORT@MEMBER',
    repeated: true,
    wanted: 'ports as tcp:PORT@ID or udp:PORT@ID, with =PORT for another one of this machine; at most 64',
    example: 'tcp:25565@k3v9',
    usual: { value: [] },
    applies: 'at-once',
    help: "port of this machine that leads to a member's; may be repeated",
    schema: openedPorts,
    tell: (ports) => ports.map(tellOpened),
  }),
} as const
