/**
 * The one place where colours, sizes and type are decided. Three readers: `scripts/tokens.mjs`
 * turns it into web/tokens.css (CSS variables, for the Go pages too), `theme.ts` hands it to Ant
 * Design, and a test fails when a colour literal appears anywhere else.
 *
 * Vermilion belongs to seals and to nothing else. Lights are never colour alone: `Light` always
 * prints a word and a shape. The greens, ambers and reds of text are darker than those of lights,
 * because text needs 4.5:1 on its soft ground.
 */
export const colour = {
  ink: '#1b2430',
  'ink-2': '#4a5666',
  paper: '#ffffff',
  ground: '#f5f7fa',
  line: '#d5dce5',
  'line-2': '#8894a3',
  action: '#1d5cb8',
  'action-deep': '#15458c',
  'action-soft': '#eaf1fb',
  'on-action': '#ffffff',
  seal: '#c7362b',
  green: '#1f7443',
  'green-soft': '#e8f4ec',
  'green-light': '#2e8b57',
  amber: '#8a5a00',
  'amber-soft': '#fdf4e0',
  'amber-light': '#c98a1b',
  red: '#b3261e',
  'red-soft': '#fcebe9',
  'red-light': '#c0392b',
  focus: '#f2b01e',
  shade: 'rgb(27 36 48 / 0.48)',
  shadow: 'rgb(27 36 48 / 0.16)',
  'desk-side': '#16283f',
} as const

export type Colour = keyof typeof colour

/** High contrast: the same names, darker ink and harder lines (text at 7:1 and more). */
export const contrastColour: Partial<Record<Colour, string>> = {
  ink: '#000000',
  'ink-2': '#000000',
  ground: '#ffffff',
  line: '#000000',
  'line-2': '#000000',
  action: '#00308f',
  'action-deep': '#001f5c',
  'action-soft': '#ffffff',
  green: '#00521f',
  'green-soft': '#ffffff',
  'green-light': '#00521f',
  amber: '#5c3b00',
  'amber-soft': '#ffffff',
  'amber-light': '#5c3b00',
  red: '#8f0b05',
  'red-soft': '#ffffff',
  'red-light': '#8f0b05',
  focus: '#d40078',
  'desk-side': '#000000',
}

export const font = {
  family: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif',
  mono: 'ui-monospace, Consolas, "Noto Sans Mono CJK SC", monospace',
  desk: { size: 14, line: 1.5 },
  elder: { size: 16 },
} as const

export const shape = { radius: 8, radiusSmall: 4 } as const

/** The 8-px grid in rem, so that 长者模式 and a reader's own font size scale everything. */
const sizes = {
  s1: '.5rem',
  s2: '1rem',
  s3: '1.5rem',
  s4: '2rem',
  s6: '3rem',
  s8: '4rem',
  r: '.5rem',
  tap: '2.75rem',
  page: '72rem',
  text: '40em',
} as const

const declare = (o: Partial<Record<string, string>>) => Object.entries(o).map(([k, v]) => `  --${k}: ${v ?? ''};`)

/** The CSS variables, as text. Pure, so that the script and the test agree on every byte. */
export function tokensCss(): string {
  return [
    '/* 由 web/src/ui/tokens.ts 生成（npm run tokens），请勿手改。 */',
    ':root {',
    ...declare(colour),
    `  --font: ${font.family};`,
    `  --mono: ${font.mono};`,
    ...declare(sizes),
    '}',
    '.contrast {',
    ...declare(contrastColour),
    '}',
    '@media (prefers-contrast: more) {',
    '  :root { --ink-2: #1b2430; --line: #4a5666; --line-2: #1b2430; }',
    '}',
    '',
  ].join('\n')
}
