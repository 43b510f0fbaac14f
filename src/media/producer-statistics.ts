/** What a producer has done since it was opened, and how fast of late. */
export interface ProducerStatistics {
  readonly watchers: number
  readonly renditions: number
  /** Pictures that reached the encoders. */
  readonly picturesCaptured: number
  /** Units of all renditions. */
  readonly unitsEncoded: number
  readonly keyUnits: number
  readonly videoBytes: number
  readonly audioUnits: number
  /** Times that its source or its process had to be started again. */
  readonly restarts: number
  /** How long the encoders work on one picture, over the newest few hundred; undefined before the first. */
  readonly encodingMs: Percentiles | undefined
  /** From capture to the end of encoding. */
  readonly captureToUnitMs: Percentiles | undefined
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
}
