/** A viewer in a page, made of the product's own client, that measures; in-page/install-bench-viewer.ts puts it there. */
export interface BenchViewer {
  /** Connects and waits for the first picture; how long that took, in milliseconds. */
  start(options: { url: string; token: string; lobbyId?: string; limitBps?: number }): Promise<number>
  /** Resolves when media comes this way, with what happened on the way there. */
  moved(kind: string): Promise<Moved>
  /** Which way media comes now, and for which session. */
  way(): { readonly kind: string | undefined; readonly sessionId: string | undefined; readonly state: string }
  /** Enters a lobby whose pictures have this height; resolves `marginMs` after the first of them. */
  join(lobbyId: string, height: number, marginMs: number): Promise<Switched>
  /** Goes back to the waiting room, whose pictures have this height; resolves `marginMs` after the first of them. */
  leave(height: number, marginMs: number): Promise<Switched>
  /** Reads the time barcode off the pictures of so much time. */
  readBarcodes(durationMs: number): Promise<readonly BarcodeAge[]>
  /** Draws a page that is to cover the picture: one byte of grey for each pixel, row by row, in base64. */
  draw(page: DrawnPage, size: { readonly width: number; readonly height: number }): string
  /** Watches for so long how the page that was drawn last becomes sharp. */
  untilSharp(withinMs: number): Promise<Sharpened>
  /** Its size now, and what the host believes that the path carries. */
  picture(): { readonly width: number; readonly height: number; readonly targetBps: number }
  /** What has been received so far. */
  statistics(): Promise<ReceivedStatistics>
}

/** What a page shows: lines of text as a browser draws them, light on dark or black on white, or nothing but small signs (text-page.ts). */
export type DrawnPage =
  | { readonly kind: 'terminal' | 'document'; readonly lines: readonly string[] }
  | { readonly kind: 'signs'; readonly seed: number }

/** When a page was seen as it is, since the Unix epoch in milliseconds; undefined for never. */
export interface Sharpened {
  /** The first picture from which on all could be read: full size, and a peak signal-to-noise ratio of 26 dB in their luma. */
  readonly readableMs: number | undefined
  /** The first picture from which on all were sharp: full size, and 34 dB. */
  readonly sharpMs: number | undefined
  /** The first picture from which on all had full size. */
  readonly fullSizeMs: number | undefined
  /** The ratio of the last one. */
  readonly finalDb: number
}

/** A change of what is watched. */
export interface Switched {
  /** From the call to the first picture of the new place, as it was handed to the compositor. */
  readonly tookMs: number
  /** The longest time between two pictures, from the margin before the call to the margin after the first new picture. */
  readonly longestGapMs: number
}

/** A change of path. */
export interface Moved {
  /** From the call to the change. */
  readonly tookMs: number
  /** The longest time between two pictures, from the call to a second after the change. */
  readonly longestGapMs: number
}

/** How old a picture was: the time in it was drawn by the host, all clocks are this machine's. */
export interface BarcodeAge {
  /** When it was handed to the compositor (`presentationTime`). */
  readonly presentedMs: number
  /** When the browser expects it to be seen (`expectedDisplayTime`). */
  readonly displayedMs: number
}

/** `RTCInboundRtpStreamStats` of the pictures, and of the sound where it says so; all of them grow. */
export interface ReceivedStatistics {
  readonly timestampMs: number
  readonly videoBytes: number
  readonly audioBytes: number
  readonly packetsReceived: number
  readonly packetsLost: number
  readonly framesReceived: number
  readonly framesDecoded: number
  readonly framesDropped: number
  readonly keyFramesDecoded: number
  readonly nackCount: number
  readonly pliCount: number
  readonly freezeCount: number
  readonly frozenMs: number
}

/** What a page of the product shows, seen by a script that was there before it. */
export interface PageMeter {
  /** Resolves with the moment of the first picture of this height, and that of the click before it if there was one. */
  firstPicture(height: number): Promise<{ readonly sinceLoadMs: number; readonly sinceClickMs: number | undefined }>
}
