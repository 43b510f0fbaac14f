import * as v from 'valibot'
import { pathPolicies } from '../../net/paths/path-policy.ts'
import { option, toldOption } from './config-option.ts'
import { relayPlaces } from './config-relays.ts'
import { path, toggle, waysIn, webAddress, whole } from './setting-values.ts'

/** How the native transport is served, and by which ways its clients come. */
export const nativeOptions = {
  native: option({
    flag: 'native',
    variable: 'PORCHLIGHT_NATIVE',
    placeholder: 'on|off|auto',
    wanted: 'on, off or auto',
    choices: waysIn,
    example: 'on',
    usual: { value: 'auto' },
    help: 'serve the native transport (auto: unless only this machine is served)',
    schema: v.picklist(waysIn),
  }),
  nativePort: option({
    flag: 'native-port',
    variable: 'PORCHLIGHT_NATIVE_PORT',
    placeholder: 'PORT',
    wanted: 'a port number from 1 to 65535',
    example: '47901',
    usual: { value: 47_900 },
    help: 'UDP port of the native transport (47900)',
    schema: whole(0, 65_535),
  }),
  pathPolicy: option({
    flag: 'path-policy',
    variable: 'PORCHLIGHT_PATH_POLICY',
    placeholder: 'POLICY',
    wanted: 'prefer-direct, prefer-relay, relay-only or direct-only',
    choices: pathPolicies,
    example: 'prefer-relay',
    usual: { value: 'prefer-direct' },
    help: 'which paths sessions of the native transport take (prefer-direct)',
    schema: v.picklist(pathPolicies),
  }),
  birthdayProbing: option({
    flag: 'birthday-probing',
    variable: 'PORCHLIGHT_BIRTHDAY_PROBING',
    wanted: '1 or 0',
    example: '1',
    usual: { value: false },
    help: 'try many ports for a direct path where a relay would be taken',
    schema: toggle,
  }),
  relays: toldOption({
    flag: 'relay',
    variable: 'PORCHLIGHT_RELAYS',
    placeholder: 'HOST:PORT',
    repeated: true,
    wanted: 'the name of a relay and its port, such as relay.example.org:3478; at most 8',
    example: 'relay.example.org:3478',
    usual: { value: [] },
    help: 'a relay that sessions of the native transport may take; may be repeated',
    schema: relayPlaces,
    tell: (places) => places.map(({ name }) => name),
  }),
  relayIssuerKey: option({
    flag: 'relay-issuer-key',
    variable: 'PORCHLIGHT_RELAY_ISSUER_KEY',
    placeholder: 'FILE',
    wanted: 'a file',
    example: '/etc/porchlight/issuer.pem',
    usual: { follows: "the host's own, in its data directory" },
    isPath: true,
    help: "key that signs leases of relays (the host's own, in its data directory)",
    schema: path,
  }),
  gateway: option({
    flag: 'gateway',
    variable: 'PORCHLIGHT_GATEWAY',
    placeholder: 'URL',
    wanted: 'the address of a control plane, such as https://plane.example.org',
    example: 'https://plane.example.org',
    usual: { follows: 'none' },
    help: 'a control plane through which this host is found with no port open (none)',
    schema: webAddress,
  }),
} as const
