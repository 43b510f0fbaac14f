/** An element with text, or with elements of its own. */
export type XmlElement = readonly [name: string, content: string | number | readonly XmlElement[]]

/**
 * What every request over HTTP is answered with. Clients look at `status_code` here and not at the status of HTTP, which is always
 * 200; the message of any other than 200 is shown to people.
 */
export interface XmlAnswer {
  readonly status: number
  readonly message?: string
  readonly elements?: readonly XmlElement[]
}

export function encodeXmlAnswer({ status, message, elements = [] }: XmlAnswer): string {
  const said = message === undefined ? '' : ` status_message="${escaped(message)}"`
  return `<?xml version="1.0" encoding="utf-8"?>\n<root status_code="${status}"${said}>${elements.map(written).join('')}</root>\n`
}

function written([name, content]: XmlElement): string {
  const inside = typeof content === 'object' ? content.map(written).join('') : escaped(String(content))
  return `<${name}>${inside}</${name}>`
}

/** What XML 1.0 cannot say at all is left out. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
