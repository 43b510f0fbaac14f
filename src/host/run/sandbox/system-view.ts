import type { Mount } from './mount-words.ts'

/** Tells what is there on this machine: what is not cannot be let in. */
export type Exists = (path: string) => boolean

/** Where programs and their data are on every system that follows the filesystem hierarchy, and on NixOS. */
export const systemDirectories = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/opt',
  '/nix',
  '/gnu',
]

/** What every program needs of /etc: where libraries and fonts are, what time it is here, how names are looked up. */
const etcOfAll = [
  'alternatives',
  'fonts',
  'gai.conf',
  'host.conf',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'locale.conf',
  'localtime',
  'nsswitch.conf',
  'protocols',
  'resolv.conf',
  'services',
  'timezone',
  'X11',
]

/** What apps need beside: certificates that are public, looks, sound, shells, drivers, and settings of programs. */
const etcOfApps = [
  'alsa',
  'asound.conf',
  'bash.bashrc',
  'bash_completion.d',
  'bashrc',
  'ca-certificates',
  'ca-certificates.conf',
  'chromium',
  'chromium.d',
  'crypto-policies',
  'dconf',
  'debian_version',
  'default/locale',
  'drirc',
  'egl',
  'firefox',
  'firefox-esr',
  'glvnd',
  'gnome',
  'gtk-2.0',
  'gtk-3.0',
  'gtk-4.0',
  'inputrc',
  'java-11-openjdk',
  'java-17-openjdk',
  'java-21-openjdk',
  'libva.conf',
  'magic',
  'magic.mime',
  'mailcap',
  'mime.types',
  'nanorc',
  'OpenCL',
  'opt',
  'os-release',
  'pango',
  'papersize',
  'perl',
  'pki/ca-trust',
  'pki/tls/cert.pem',
  'pki/tls/certs',
  'profile',
  'profile.d',
  'pulse',
  'python3',
  'SDL',
  'shells',
  'skel',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timidity',
  'vdpau_wrapper.cfg',
  'vim',
  'vulkan',
  'wgetrc',
  'xdg',
  'zsh',
]

const etc = (names: readonly string[]) => names.map((name) => `/etc/${name}`)
const caches = ['/var/cache/fontconfig', '/var/lib/dpkg/alternatives']

/** What the servers of a lobby see of the system, as far as it is there. */
export function systemOfServers(exists: Exists): readonly Mount[] {
  return seen([...systemDirectories, ...etc(etcOfAll), ...caches], exists)
}

/** What apps see of it: neither passwords nor keys, nor how this machine is set up. */
export function systemOfApps(exists: Exists): readonly Mount[] {
  return seen([...systemDirectories, ...etc(etcOfAll), ...etc(etcOfApps), ...caches], exists)
}

export function seen(paths: readonly string[], exists: Exists, how: Mount['how'] = 'read'): readonly Mount[] {
  return paths.filter((path) => exists(path)).map((at) => ({ how, at }))
}
