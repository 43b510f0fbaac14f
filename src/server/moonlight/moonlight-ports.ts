/** The ports of Moonlight's clients, which all follow from the first: only that one is fixed for them, and they add nothing to it. */
export interface MoonlightPorts {
  readonly http: number
  readonly https: number
  readonly rtsp: number
  readonly udp: number
}

/** As GameStream has them: 47989, 47984, 48010 and 47998. */
export function moonlightPorts(http: number): MoonlightPorts {
  return { http, https: http - 5, rtsp: http + 21, udp: http + 9 }
}
