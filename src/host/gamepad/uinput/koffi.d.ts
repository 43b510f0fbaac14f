/** The part of the `koffi` package that is used here. */
declare module 'koffi' {
  interface Library {
    /** Declared as in C. */
    func(declaration: string): (...values: readonly unknown[]) => number
  }

  const koffi: {
    load(path: string): Library
    /** The error number of the last call. */
    errno(): number
  }
  export default koffi
}
