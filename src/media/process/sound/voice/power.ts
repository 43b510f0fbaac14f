/** The mean of the squares: how loud samples are. */
export function powerOf(samples: Float32Array): number {
  let sum = 0
  for (let index = 0; index < samples.length; index++) sum += (samples[index] as number) ** 2
  return sum / samples.length
}
