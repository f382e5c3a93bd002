import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDisplay } from './display'
import { colour, contrastColour, tokensCss, type Colour } from './tokens'

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const ratio = (a: string, b: string) => {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number]
  return (x + 0.05) / (y + 0.05)
}

it('tokens.css is what tokens.ts says (npm run tokens)', () => {
  expect(readFileSync('tokens.css', 'utf8')).toBe(tokensCss())
})

it('no colour literal stands outside the tokens', () => {
  const found = readdirSync('src', { recursive: true }).map(String)
    .filter((f) => /\.(tsx?|css)$/.test(f) && !/tokens(\.test)?\.ts$|schema\.d\.ts$|\.test\.tsx?$/.test(f))
    .flatMap((f) => (readFileSync(`src/${f}`, 'utf8').match(/(?<![&\w(])#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b(?!-)|\b(?:rgb|hsl|oklch)a?\(/gi) ?? []).map((m) => `${f}: ${m}`))
  expect(found).toEqual([])
})

describe('text is readable on its ground', () => {
  const pairs: [Colour, Colour][] = [
    ['ink', 'ground'], ['ink-2', 'ground'], ['ink-2', 'paper'], ['action', 'paper'], ['action', 'action-soft'], ['action', 'ground'],
    ['on-action', 'action'], ['green', 'green-soft'], ['amber', 'amber-soft'], ['red', 'red-soft'], ['seal', 'paper'],
  ]
  it.each(pairs)('%s on %s', (a, b) => expect(ratio(colour[a], colour[b])).toBeGreaterThanOrEqual(4.5))
  it.each(pairs.filter(([a]) => a !== 'seal'))('%s on %s in high contrast', (a, b) =>
    expect(ratio(contrastColour[a] ?? colour[a], contrastColour[b] ?? colour[b])).toBeGreaterThanOrEqual(7))
})

it('reads the display switches as the Go pages write them', () => {
  expect(readDisplay('a=1; onedoor_display=elder.contrast')).toEqual({ elder: true, contrast: true })
  expect(readDisplay('onedoor_display=contrast')).toEqual({ elder: false, contrast: true })
  expect(readDisplay('')).toEqual({ elder: false, contrast: false })
})
