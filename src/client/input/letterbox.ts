/** A rectangle in CSS pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Where a picture lies in an element that shows all of it, centred, as `object-fit: contain` does. */
export function pictureBox(element: Box, picture: { readonly width: number; readonly height: number }): Box {
  if (picture.width <= 0 || picture.height <= 0) return element
  const scale = Math.min(element.width / picture.width, element.height / picture.height)
  const width = picture.width * scale
  const height = picture.height * scale
  return { x: element.x + (element.width - width) / 2, y: element.y + (element.height - height) / 2, width, height }
}

/** A point as fractions of a box, 0 to 1; outside of it the nearest edge counts. */
export function fractionsIn(box: Box, x: number, y: number): { readonly x: number; readonly y: number } {
  return { x: fraction(x - box.x, box.width), y: fraction(y - box.y, box.height) }
}

function fraction(distance: number, length: number): number {
  return length > 0 ? Math.min(1, Math.max(0, distance / length)) : 0
}
