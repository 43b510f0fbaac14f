/** A function that may call itself as deep as a type is long: it yields each such call and is given its result. */
export type Deep<T> = Generator<Deep<unknown>, T, unknown>

/** Calls a deep function from inside another, `yield* call(f(x))`. */
export function* call<T>(deep: Deep<T>): Deep<T> {
  return (yield deep) as T
}

/** Runs a deep function without the stack of the machine, which a type of some thousand steps would overflow. */
export function run<T>(start: Deep<T>): T {
  const stack: Deep<unknown>[] = [start]
  let answer: unknown
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const { done, value } = top.next(answer)
    answer = done ? value : undefined
    if (done) stack.pop()
    else stack.push(value)
  }
  return answer as T
}
