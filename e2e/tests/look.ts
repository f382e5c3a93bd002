import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type Page } from '@playwright/test'

// Words that may stay in Latin letters on a Chinese screen: file formats, units, names of standards and keys.
const allowed = /^(OFD|PDF|PNG|JPG|Word|Excel|WPS|QR|Onedoor|App|WiFi|Ctrl|Enter|com)$/i

/** What every page must satisfy: no axe violation, no sideways scroll, no English left over; a picture is kept. */
export async function look(page: Page, name: string, options: { latin?: boolean } = {}) {
  const project = test.info().project.name
  await page.screenshot({ path: `shots/${project}/${name}.png`, fullPage: true, animations: 'disabled', scale: 'css' })

  // Legacy mode looks at one document in half the time; a page that holds the viewer's frame is read frame by frame.
  const axe = await new AxeBuilder({ page }).setLegacyMode(page.frames().length === 1)
    .options({ resultTypes: ['violations'] }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze()
  expect.soft(axe.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(' | ')}`), `${name}: axe`).toEqual([])

  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(overflow, `${name}: horizontal scroll`).toBeLessThanOrEqual(0)

  if (options.latin) return
  expect.soft(await english(page), `${name}: English left on the screen`).toEqual([])
}

/** Latin words that a person sees or hears. Ant Design's icons name themselves inside buttons that have a name of their own. */
async function english(page: Page) {
  const text = await page.evaluate(() => {
    const heard = [...document.querySelectorAll('[aria-label], [placeholder], [title], img[alt]')].filter(e => !e.closest('.anticon'))
      .flatMap(e => ['aria-label', 'placeholder', 'title', 'alt'].map(a => e.getAttribute(a) ?? ''))
    return [document.title, document.body.innerText, ...heard].join('\n')
  })
  return [...new Set(text.match(/[A-Za-z][a-z]{2,}/g) ?? [])].filter(word => !allowed.test(word))
}

/** Collects what a page complains about; a refusal that a test provokes is listed by it in `expected`. */
function listen(page: Page, who: string, errors: string[]) {
  page.on('console', m => { if (m.type() === 'error') errors.push(`${who}: ${m.text()} @ ${m.location().url}`) })
  page.on('pageerror', e => errors.push(`${who}: ${e}`))
}

interface Fixtures {
  /** Console errors the test provokes on purpose: it adds them here. */
  expected: RegExp[]
  /** Another person at another machine: a browser context of their own, under the same rules. */
  person: (who: string) => Promise<Page>
}

/** A test none of whose pages may log an error to the console. */
export const test = base.extend<Fixtures & { complaints: string[] }>({
  expected: async ({}, use) => { await use([]) },
  complaints: async ({ expected }, use) => {
    const complaints: string[] = []
    await use(complaints)
    expect(complaints.filter(c => !expected.some(x => x.test(c))), 'console errors').toEqual([])
  },
  page: async ({ page, complaints }, use) => {
    listen(page, 'page', complaints)
    await use(page)
  },
  person: async ({ browser, complaints }, use) => {
    const contexts: Awaited<ReturnType<typeof browser.newContext>>[] = []
    await use(async who => {
      const context = await browser.newContext()
      contexts.push(context)
      const page = await context.newPage()
      listen(page, who, complaints)
      return page
    })
    for (const context of contexts) await context.close()
  },
})

export { expect }
