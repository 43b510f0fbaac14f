/** The part of the `koffi` package that is used here. */
declare module 'koffi' {
  /** One of C's. */
  interface KoffiType {
    readonly isOfKoffi: unique symbol
  }

  interface LibraryFunction {
    (...values: readonly unknown[]): number
    /** On a thread of libuv's pool; what it takes must stay until it is done. */
    async(...valuesAndDone: readonly [...unknown[], (error: Error | null, result: number) => void]): void
  }

  interface Library {
    /** Declared as in C. */
    func(declaration: string): LibraryFunction
    /** Declared by its types, for those that have no name. */
    func(
      name: string,
      result: string,
      parameters: readonly (string | KoffiType)[],
    ): (...values: readonly unknown[]) => number
  }

  const koffi: {
    /** `null` for what the process itself consists of. */
    load(path: string | null): Library
    /** The error number of the last call. */
    errno(): number
    struct(members: Readonly<Record<string, string | KoffiType>>): KoffiType
    pointer(to: KoffiType): KoffiType
    /** Where its bytes are. */
    address(of: ArrayBuffer): bigint
  }
  export default koffi
}
