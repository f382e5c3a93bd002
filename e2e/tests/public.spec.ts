import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { expect, look, test } from './look'

// What anyone may read, with script switched off: HTML documents from the server.
const addresses = {
  home: '/',
  search: '/search?q=%E8%AE%B8%E5%8F%AF',
  'search-nothing': '/search?q=%E9%BE%98%E9%BE%98',
  departments: '/departments',
  department: '/departments/sz-scjg',
  themes: '/themes',
  theme: '/themes/legal:010',
  regions: '/regions',
  region: '/regions/421303000000',
  about: '/about',
  verify: '/verify',
}

/** The address of a complete guide, found the way a person finds it. */
async function guide(page: Page): Promise<string> {
  await page.goto('/')
  await page.getByRole('search').getByLabel('搜索办事事项').fill('公共场所卫生')
  await page.getByRole('button', { name: '搜索' }).click()
  await page.getByRole('link', { name: '公共场所卫生许可（新办）' }).first().click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('公共场所卫生许可（新办）')
  return new URL(page.url()).pathname
}

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('search, guide, departments, themes, regions: one leads to the other', async ({ page }) => {
    await guide(page)
    for (const name of ['受理条件', '办理流程', '办理时限', '收费', '法定依据']) await expect(page.getByRole('heading', { level: 2, name })).toBeVisible()

    const menu = page.getByRole('navigation', { name: '主导航' })
    await menu.getByRole('link', { name: '部门' }).click()
    await page.getByRole('main').getByRole('link', { name: /交通运输局/ }).first().click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText('交通运输局')
    await expect(page.getByRole('main').getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2 }) }).first()).toBeVisible()

    await menu.getByRole('link', { name: '主题' }).click()
    await page.getByRole('main').getByRole('link', { name: /准营/ }).first().click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText('准营')

    await menu.getByRole('link', { name: '地区' }).click()
    await page.getByRole('main').getByRole('link', { name: /曾都区/ }).click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText('曾都区')
  })

  test('search narrows by region and turns pages', async ({ page }) => {
    await page.goto('/search?q=%E8%AE%B8%E5%8F%AF')
    const hits = page.getByRole('main').locator('ol.list > li')
    const first = await hits.first().innerText()
    await page.getByRole('link', { name: '下一页' }).click()
    await expect(hits.first()).toBeVisible()
    expect(await hits.first().innerText()).not.toBe(first)
    await page.getByRole('navigation', { name: '地区' }).getByRole('link', { name: '广水市' }).click()
    await expect(hits.first()).toContainText('广水市')
    for (const hit of await hits.all()) await expect(hit).toContainText('广水市')
  })

  test('verification answers without script', async ({ page }) => {
    await page.goto('/verify')
    await page.getByLabel('选择 OFD 证照文件').setInputFiles({ name: '别的.ofd', mimeType: 'application/ofd', buffer: Buffer.from('不是证照') })
    await page.getByRole('button', { name: '上传并核验' }).click()
    await expect(page.getByRole('status').getByRole('heading')).toHaveText('查无此证')
    await page.getByLabel('输入号码').fill('000000')
    await page.getByRole('button', { name: '查询' }).click()
    await expect(page.getByRole('status').getByRole('heading')).toHaveText('查无此证')
  })

  test('长者模式 and 高对比 are remembered', async ({ page }) => {
    await page.goto('/')
    const size = () => page.locator('main').evaluate(e => parseFloat(getComputedStyle(e).fontSize))
    const before = await size()
    await page.getByRole('button', { name: '长者模式' }).click()
    await expect(page.getByRole('button', { name: '长者模式' })).toHaveAttribute('aria-pressed', 'true')
    expect(await size()).toBeGreaterThan(before)
    await page.goto('/verify')
    expect(await size()).toBeGreaterThan(before)
    await page.getByRole('button', { name: '高对比' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('证照核验')
    await expect(page.getByRole('button', { name: '高对比' })).toHaveAttribute('aria-pressed', 'true')
  })
})

test('every public page is clean, wide and narrow', async ({ page }) => {
  for (const [name, address] of Object.entries(addresses)) {
    await page.goto(address)
    await look(page, `70-${name}`)
  }
})

test('larger letters and high contrast stay clean', async ({ page }) => {
  const here = await guide(page)
  await page.getByRole('button', { name: '长者模式' }).click()
  await page.getByRole('button', { name: '高对比' }).click()
  for (const [name, address] of Object.entries({ home: '/', guide: here, verify: '/verify', 'sign-in': '/sign-in' })) {
    await page.goto(address)
    await expect(page.getByRole('button', { name: '长者模式' })).toHaveAttribute('aria-pressed', 'true')
    await look(page, `71-elder-${name}`)
  }
})

test('a narrow screen and doubled letters do not push the page sideways', async ({ page }) => {
  const here = await guide(page)
  await page.setViewportSize({ width: 320, height: 640 })
  for (const address of [...Object.values(addresses), here, '/sign-in', '/register']) {
    await page.goto(address)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect.soft(over, `${address} at 320 pixels`).toBeLessThanOrEqual(0)
  }
})

test('public pages carry at most 20 KB of script', async ({ page }) => {
  const here = await guide(page)
  const scripts = new Map<string, Promise<Buffer>>()
  page.on('response', response => {
    if (response.request().resourceType() === 'script' && !scripts.has(response.url())) scripts.set(response.url(), response.body())
  })
  for (const address of [...Object.values(addresses), here]) {
    await page.goto(address)
    expect(await page.locator('script:not([src])').count(), `${address}: script in the page itself`).toBe(0)
  }
  expect(scripts.size, 'there is a script to be weighed').toBeGreaterThan(0)
  const sizes = (await Promise.all(scripts.values())).map(body => gzipSync(body).length)
  expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(20 * 1024)
})

test('links of the public pages resolve', async ({ page }) => {
  const here = await guide(page)
  const links = new Set<string>()
  for (const address of [...Object.values(addresses), here]) {
    await page.goto(address)
    for (const href of await page.locator('a[href^="/"]').evaluateAll(all => all.map(a => a.getAttribute('href')!.split('#')[0]!))) links.add(href || '/')
  }
  // Filters multiply without end: one of each kind is enough.
  const distinct = [...links].filter(l => !l.startsWith('/search?')).concat([...links].filter(l => l.startsWith('/search?')).slice(0, 10))
  const broken: string[] = []
  for (const link of distinct) {
    const answer = await page.request.get(link)
    if (answer.status() !== 200) broken.push(`${answer.status()} ${link}`)
  }
  expect(broken).toEqual([])
  expect(distinct.length).toBeGreaterThan(60)
})

test('inner links of a guide lead to their sections', async ({ page }) => {
  await guide(page)
  for (const href of await page.getByRole('navigation', { name: '本页目录' }).getByRole('link').evaluateAll(all => all.map(a => a.getAttribute('href')!)))
    await expect(page.locator(`section${href}`)).toHaveCount(1)
})

test('a guide prints as a paper', async ({ page }, info) => {
  await guide(page)
  await page.emulateMedia({ media: 'print' })
  for (const name of ['主导航', '本页目录']) await expect(page.getByRole('navigation', { name })).toBeHidden()
  await expect(page.getByRole('search')).toBeHidden()
  await expect(page.getByText('手机扫右边的码')).toBeVisible()
  await page.screenshot({ path: `shots/${info.project.name}/72-guide-print.png`, fullPage: true })
})

test('an unknown address is a page with ways on', async ({ page, expected }) => {
  expected.push(/status of 404/)
  for (const [name, address] of Object.entries({ page: '/no/such/page', item: '/items/00000000-0000-0000-0000-000000000000', department: '/departments/nobody' })) {
    const answer = await page.goto(address)
    expect(answer?.status(), address).toBe(404)
    await expect(page.getByRole('main').getByRole('search')).toBeVisible()
    await look(page, `73-unknown-${name}`)
  }
})

test('the keyboard alone finds an item', async ({ page }) => {
  await page.goto('/')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: '跳到正文' })).toBeFocused()
  const field = page.getByRole('combobox', { name: '搜索办事事项' })
  await field.focus()
  await page.keyboard.type('spjy')
  await expect(page.getByRole('option').first()).toContainText('食品经营')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/items\//)
})
