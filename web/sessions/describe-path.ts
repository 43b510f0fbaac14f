const pathNames: Readonly<Record<string, string>> = {
  direct: 'direct',
  relayed: 'relayed',
  'web-port': 'web port',
}

/** What a path is called. */
export function describePath(path: string): string {
  return pathNames[path] ?? path
}
