import { expect, it } from 'vitest'
import { oneAtATime } from './live'

it('does what was asked for meanwhile once, afterwards', async () => {
  let runs = 0
  const ends: (() => void)[] = []
  const go = oneAtATime(() => {
    runs++
    return new Promise<void>((end) => ends.push(end))
  })
  go()
  go()
  go()
  expect(runs).toBe(1)
  ends.shift()!()
  await Promise.resolve()
  await Promise.resolve()
  expect(runs).toBe(2)
  ends.shift()!()
  await Promise.resolve()
  await Promise.resolve()
  expect(runs).toBe(2)
})
