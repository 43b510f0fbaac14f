import { WireError } from '../../wire/wire-error.ts'

/** Ports from the first to the last. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** As many as the kernel's filter has room for. */
const mostRanges = 40

/** Where games look for each other on a LAN by UDP, unless somebody chooses others. */
export const usualGamePorts = [
  '1234', // Command & Conquer
  '2300-2400', // DirectPlay
  '3979', // OpenTTD
  '4445', // Minecraft
  '5029', // Doom
  '6073', // DirectPlay 8
  '6111-6112', // StarCraft, Warcraft III
  '7776-7788', // Unreal
  '8777-8786', // Unreal Tournament
  '21027', // Civilization
  '22000-22010', // Battlefield 1942
  '23000-23009', // Battlefield Vietnam
  '25600', // Serious Sam
  '26000-26001', // Quake
  '27005-27020', // Half-Life, Source
  '27910', // Quake II
  '27950-27970', // Quake III
  '28910', // Heretic II
  '34197', // Factorio
  '47624', // DirectPlay
].join(',')

/** Reads "6112,27910-27970", or "none". Throws WireError `malformed` for what is no list of ports, or too long a one. */
export function readPortRanges(text: string): readonly PortRange[] {
  const parts = text.split(',').map((part) => part.trim())
  if (text.trim() === 'none') return []
  if (parts.length > mostRanges) throw new WireError('too-long', `Cannot take more than ${mostRanges} ranges of ports`)
  return parts.map((part) => {
    const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? []
    const range = { first: Number(from), last: Number(to) }
    if (from === '' || range.first < 1 || range.last > 65_535 || range.first > range.last) {
      throw new WireError('malformed', `Cannot read "${part}" as ports: wanted one like 6112, or 27910-27970`)
    }
    return range
  })
}

/** Whether {@link readPortRanges} reads it. */
export function isPortList(text: string): boolean {
  try {
    readPortRanges(text)
    return true
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}
