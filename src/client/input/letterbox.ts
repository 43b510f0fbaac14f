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

/**
 * A point as fractions of a box, 0 to 1: the middle of the device pixel that it names, as whoever points at a pixel means
 * all of it. The first and the last pixel are the very edges, so that these can be reached however much smaller the box is
 * than the picture; outside of the box the nearest edge counts.
 */
export function fractionsIn(
  box: Box,
  x: number,
  y: number,
  /** CSS pixels of a device pixel: one divided by `devicePixelRatio`. */
  pixel: number,
): { readonly x: number; readonly y: number } {
  return { x: fraction(x - box.x, box.width, pixel), y: fraction(y - box.y, box.height, pixel) }
}

function fraction(distance: number, length: number, pixel: number): number {
  // Positions come rounded: a thousandth of a pixel is none.
  const slack = pixel / 1000
  if (length <= 0 || distance < pixel - slack) return 0
  if (distance >= length - pixel - slack) return 1
  return (distance + pixel / 2) / length
}
