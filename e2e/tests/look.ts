import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type Page } from '@playwright/test'

// Words that may stay in Latin letters on a Chinese screen: file formats, units, names of standards, protocols.
const allowed = /^(OFD|PDF|PNG|JPG|JPEG|DOCX|XLSX|QR|SM2|SM3|SM4|GB|GM|T|KB|MB|GB\/T|ID|URL|Onedoor|VR|A|B|C|K|N|X|LED|LPG|CNG|II|III|IV|VI|PC|APP|App|GMP|GSP|POS|ATM|CA|VIP|WiFi|USB|CT|X射线)$/i

/** What every page must satisfy: no axe violation, no sideways scroll, no English left over; a picture is kept. */
export async function look(page: Page, name: string, options: { latin?: boolean } = {}) {
  const project = test.info().project.name
  await page.screenshot({ path: `shots/${project}/${name}.png`, fullPage: true })

  const axe = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze()
  expect.soft(axe.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(' | ')}`), `${name}: axe`).toEqual([])

  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(overflow, `${name}: horizontal scroll`).toBeLessThanOrEqual(0)

  if (options.latin) return
  const text = await page.evaluate(() => document.body.innerText)
  const words = [...new Set(text.match(/[A-Za-z][a-z]{2,}/g) ?? [])].filter(w => !allowed.test(w))
  expect.soft(words, `${name}: English left on the screen`).toEqual([])
}

/** A test whose pages must not log an error to the console; a test adds what it provokes on purpose to `expected`. */
export const test = base.extend<{ expected: RegExp[] }>({
  expected: async ({}, use) => { await use([]) },
  page: async ({ page, expected }, use) => {
    const errors: string[] = []
    page.on('console', m => { if (m.type() === 'error') errors.push(`${m.text()} @ ${m.location().url}`) })
    page.on('pageerror', e => errors.push(String(e)))
    await use(page)
    expect(errors.filter(e => !expected.some(x => x.test(e))), 'console errors').toEqual([])
  },
})

export { expect }
