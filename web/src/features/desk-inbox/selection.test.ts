import { describe, expect, it } from 'vitest'
import { arrived, follow, step } from './selection'

describe('the chosen case', () => {
  it('stays chosen when rows come before it', () => expect(follow('b', ['a', 'b'], ['x', 'a', 'b'])).toBe('b'))
  it('gives way to the one after it when it leaves', () => expect(follow('b', ['a', 'b', 'c', 'd'], ['a', 'd'])).toBe('d'))
  it('gives way to the last one left when it was at the end', () => expect(follow('d', ['a', 'b', 'd'], ['a', 'b'])).toBe('b'))
  it('is the first at the beginning, and none in an empty list', () => {
    expect(follow(undefined, [], ['a', 'b'])).toBe('a')
    expect(follow('gone', [], ['a'])).toBe('a')
    expect(follow('a', ['a'], [])).toBeUndefined()
  })
  it('moves by one and stops at the ends', () => {
    expect(step('a', ['a', 'b'], 1)).toBe('b')
    expect(step('b', ['a', 'b'], 1)).toBe('b')
    expect(step('a', ['a', 'b'], -1)).toBe('a')
    expect(step(undefined, ['a', 'b'], 1)).toBe('a')
    expect(step('a', [], 1)).toBeUndefined()
  })
})

describe('what is announced', () => {
  it('is what came in by itself', () => expect(arrived(['a'], ['x', 'a'], true)).toEqual(['x']))
  it('is not the next page that was asked for', () => expect(arrived(['a'], ['a', 'b'], false)).toEqual([]))
})
