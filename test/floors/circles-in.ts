/** Circles in a graph, each as the nodes on its way, the first one again at the end: at least one when there is any. */
export function circlesIn(graph: ReadonlyMap<string, Iterable<string>>): readonly (readonly string[])[] {
  const circles: string[][] = []
  const done = new Set<string>()
  const walk = (node: string, trail: readonly string[]) => {
    const from = trail.indexOf(node)
    if (from >= 0) {
      circles.push([...trail.slice(from), node])
      return
    }
    if (done.has(node)) return
    for (const next of graph.get(node) ?? []) walk(next, [...trail, node])
    done.add(node)
  }
  for (const node of graph.keys()) walk(node, [])
  return circles
}
