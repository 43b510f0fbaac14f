import * as v from 'valibot'
import { isPortList, usualGamePorts } from '../../party/broadcast/game-ports.ts'
import { meshModes } from '../../party/mesh/mesh-mode.ts'
import { option } from './config-option.ts'

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
} as const
