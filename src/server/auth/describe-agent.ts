/** In the order in which they are looked for: most browsers name others beside themselves. */
const programs = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOPT\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bChromium\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const
const systems = [
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
] as const

/**
 * What somebody seems to come on, for people, by what their client says of itself (`User-Agent`, RFC 9110, section 10.1.5): "Firefox on
 * Android". It is theirs to choose, and proves nothing.
 */
export function describeAgent(userAgent: string | undefined): string {
  const said = (userAgent ?? '').slice(0, 512)
  const program = programs.find(([pattern]) => pattern.test(said))?.[1]
  if (program === undefined) return 'A program'
  const system = systems.find(([pattern]) => pattern.test(said))?.[1]
  return system === undefined ? program : `${program} on ${system}`
}
