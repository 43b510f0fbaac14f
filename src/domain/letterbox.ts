import type { Size } from './size.ts'

/** A part of a picture, in pixels from its upper left corner. */
export interface PictureRect extends Size {
  readonly x: number
  readonly y: number
}

/**
 * Where a source's picture stands in a frame of another shape: as large as it can be, its aspect kept, in the middle, and all
 * numbers even, as 4:2:0 needs it. What is left of the frame is black.
 */
export function letterbox(source: Size, frame: Size): PictureRect {
  const scale = Math.min(frame.width / source.width, frame.height / source.height)
  const width = Math.min(frame.width, nearestEven(source.width * scale))
  const height = Math.min(frame.height, nearestEven(source.height * scale))
  return { x: middle(frame.width - width), y: middle(frame.height - height), width, height }
}

/** From a point of a frame, as fractions of it, to one of what is shown in it; points on a bar count as those of its edge. */
export function pointWithin(content: PictureRect, frame: Size, x: number, y: number): { x: number; y: number } {
  return {
    x: within((x * frame.width - content.x) / content.width),
    y: within((y * frame.height - content.y) / content.height),
  }
}

function nearestEven(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2)
}

function middle(rest: number): number {
  return Math.floor(rest / 4) * 2
}

function within(fraction: number): number {
  return Math.min(1, Math.max(0, fraction))
}
