import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { expect, look, test } from './look'
import { forge, paperIn, pdf, program, readSeal, scan } from './paper'
import { applicants, openCase, signIn, signInAtDesk, type Applicant } from './people'

// The whole way of one application, by the people who walk it, each at a machine of their own.
const word = '食品经营'
const itemName = '食品经营许可（新办）'
const drawing = '经营场所的布局平面图和操作流程说明'
const rules = '食品安全自查、从业人员健康管理、进货查验等制度'

test('apply once, decide in time, a sealed licence that anyone can verify', async ({ page, person, browser, expected }, info) => {
  test.setTimeout(300_000)
  // Refusals that the story provokes: nobody is signed in yet, a disguised program, an officer too late.
  expected.push(/status of 401 .*\/api\/session/, /status of 422 .*\/files/, /status of 409 .*\/decide/)
  const me = applicants[info.project.name]!
  let caseNo = ''
  let guide = ''

  await test.step('find the item by a part of its name', async () => {
    await page.goto('/')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('今天要办什么事？')
    await look(page, '01-home')
    await page.getByRole('combobox', { name: '搜索办事事项' }).fill(word)
    await expect(page.getByRole('option').filter({ hasText: itemName }).first()).toBeVisible()
    await look(page, '02-suggestions')
    await page.getByRole('button', { name: '搜索' }).click()
    await expect(page).toHaveURL(/\/search\?q=/)
    const hit = page.getByRole('listitem').filter({ hasText: itemName }).filter({ hasText: '随州市市场监督管理局' }).filter({ hasText: '随州市 · 行政许可' })
    await look(page, '03-search')
    await hit.getByRole('link', { name: itemName }).click()
  })

  await test.step('read the guide', async () => {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(itemName)
    guide = new URL(page.url()).pathname
    for (const name of ['受理条件', /^申请材料（7 份）$/, '办理流程', '办理时限', '收费', '办理结果', '法定依据', '办理地点和时间', '咨询和监督', '常见问题'])
      await expect(page.getByRole('heading', { level: 2, name })).toBeVisible()
    const fact = (name: string) => page.locator('div').filter({ has: page.getByRole('term').getByText(name, { exact: true }) }).last().getByRole('definition')
    await expect(fact('去几次')).toContainText('不用跑')
    await expect(fact('多少钱')).toHaveText('不收费')
    await expect(fact('法定办结时限')).toContainText('10个工作日')
    await expect(fact('承诺办结时限')).toContainText('5个工作日')
    await expect(fact('咨询电话').getByRole('link')).toHaveAttribute('href', /^tel:0722/)
    await expect(page.getByText('《中华人民共和国食品安全法》')).toBeVisible()
    await look(page, '04-guide')
    await page.emulateMedia({ media: 'print' })
    await page.screenshot({ path: `shots/${info.project.name}/04-guide-print.png`, fullPage: true })
    await expect(page.getByRole('navigation', { name: '主导航' })).toBeHidden()
    await page.emulateMedia({ media: 'screen' })
  })

  await test.step('sign in on the way to the application', async () => {
    await page.getByRole('link', { name: '在线申请' }).filter({ visible: true }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('登录')
    await look(page, '05-sign-in')
    await signIn(page, me.login)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(itemName)
  })

  await test.step('say the situation and prepare', async () => {
    await page.getByRole('group', { name: '是否从事网络经营？' }).getByRole('radio', { name: '否' }).check()
    await expect(page.getByText('单个不超过 20 MB')).toBeVisible()
    await look(page, '06-apply-intro')
    await page.getByRole('button', { name: '开始填写' }).click()
  })

  await test.step('fill in the form; a wrong check digit is told at the field', async () => {
    await expect(page.getByRole('heading', { name: '填写申请表' })).toBeVisible()
    await look(page, '07-form-empty')
    const number = page.getByLabel('法定代表人（负责人）公民身份号码', { exact: true })
    await number.fill('421303199003070028')
    await number.blur()
    await expect(number).toHaveAccessibleDescription(/身份证号|公民身份号码/)
    await expect(number).toHaveAttribute('aria-invalid', 'true')
    await look(page, '08-form-wrong-number')
    await fillForm(page, me)
    await expect(number).not.toHaveAttribute('aria-invalid', 'true')
    await expect(page.getByRole('status').filter({ hasText: '已自动保存' })).toBeVisible()
    await look(page, '09-form-filled')
  })

  await test.step('the draft survives a reload', async () => {
    await page.reload()
    await expect(page.getByLabel('主要设备设施', { exact: true })).toHaveValue(answers['主要设备设施'])
    await expect(page.getByRole('checkbox', { name: '热食类食品制售' })).toBeChecked()
    await page.getByRole('button', { name: '下一步：上传材料' }).click()
    await expect(page.getByRole('heading', { name: '上传申请材料' })).toBeVisible()
  })

  await test.step('upload the material, watched; a disguised program is refused in words', async () => {
    const files = (name: string) => page.getByLabel(name)
    await files(rules).setInputFiles({ name: '管理制度.pdf', mimeType: 'application/pdf', buffer: program })
    await expect(page.getByRole('alert').filter({ hasText: /内容|类型|格式/ })).toBeVisible()
    await look(page, '10-refused-file')
    await page.getByRole('button', { name: '移除 管理制度.pdf' }).click()

    let go = () => {}
    const held = new Promise<void>(resolve => { go = resolve })
    await page.route('**/api/drafts/*/files?*', async route => { await held; await route.continue() })
    await files(drawing).setInputFiles({ name: '布局平面图.png', mimeType: 'image/png', buffer: await page.screenshot() })
    await expect(page.getByRole('progressbar', { name: '布局平面图.png 上传进度' })).toBeVisible()
    await look(page, '11-uploading')
    go()
    await expect(page.getByRole('button', { name: '删除 布局平面图.png' })).toBeVisible()
    await page.unroute('**/api/drafts/*/files?*')

    await page.getByRole('button', { name: '下一步：核对' }).click()
    await expect(page.getByRole('alert').filter({ hasText: '项必要材料没有上传' })).toBeFocused()
    await files(rules).setInputFiles({ name: '管理制度.pdf', mimeType: 'application/pdf', buffer: pdf() })
    await expect(page.getByRole('button', { name: '删除 管理制度.pdf' })).toBeVisible()
    await look(page, '12-materials')
    await page.getByRole('button', { name: '下一步：核对' }).click()
  })

  // The clerk has the inbox open before the application is handed in, and never loads it again.
  const clerk = await person('clerk')
  await signInAtDesk(clerk, 'chuangkou')
  await expect(clerk.getByRole('heading', { level: 1, name: '办件' })).toBeVisible()
  await expect(clerk.getByText('实时更新')).toBeVisible()
  await clerk.evaluate(() => { Object.assign(window, { sameDocument: true }) })

  await test.step('confirm, promise, submit, keep the receipt', async () => {
    await expect(page.getByRole('heading', { name: '核对并提交' })).toBeVisible()
    await expect(page.getByText(answers['经营场所地址'])).toBeVisible()
    await page.getByRole('button', { name: '提交申请' }).click()
    await expect(page.getByText('请先勾选承诺，再提交申请。')).toBeVisible()
    await page.getByRole('checkbox', { name: /^我承诺/ }).check()
    await look(page, '13-confirm')
    await page.getByRole('button', { name: '提交申请' }).click()
    await expect(page).toHaveURL(/\/my\/cases\/421300\d{15}[0-9A-Z]\/receipt$/)
    caseNo = /cases\/(\w+)\//.exec(page.url())![1]!
    const receipt = page.getByRole('region', { name: '回执内容' })
    await expect(receipt).toContainText(caseNo)
    await expect(receipt).toContainText(me.holder)
    await look(page, '14-receipt')
    await page.emulateMedia({ media: 'print' })
    await page.screenshot({ path: `shots/${info.project.name}/14-receipt-print.png`, fullPage: true })
    await expect(receipt).toBeVisible()
    await expect(page.getByRole('button', { name: '打印回执' })).toBeHidden()
    await page.emulateMedia({ media: 'screen' })
  })

  await test.step('the clerk sees it arrive and checks the papers one by one', async () => {
    const row = clerk.getByRole('row').filter({ hasText: caseNo })
    await expect(row).toContainText('新到')
    expect(await clerk.evaluate(() => 'sameDocument' in window), 'the inbox was not loaded again').toBe(true)
    await look(clerk, '20-desk-inbox')
    await row.getByRole('link', { name: itemName }).click()
    await expect(clerk.getByRole('heading', { level: 1, name: itemName })).toBeVisible()
    await expect(clerk.getByRole('button', { name: '受理', exact: true })).toBeDisabled()
    await look(clerk, '21-desk-case')
    await check(clerk, rules)
    const paper = clerk.getByRole('article', { name: drawing })
    await paper.getByRole('button', { name: '布局平面图.png' }).click()
    await paper.getByRole('button', { name: `${drawing}：有问题` }).click()
    await paper.getByLabel(`${drawing}有什么问题`).fill('平面图没有标明面积，请补标后重新上传。')
    await paper.getByRole('button', { name: '记下问题' }).click()
    await expect(paper).toContainText('✗ 有问题')
    await expect(clerk.getByRole('button', { name: '受理', exact: true })).toBeDisabled()
    await look(clerk, '22-desk-checked')
  })

  await test.step('the clerk asks for everything that is missing at once', async () => {
    await clerk.getByRole('button', { name: '要求补正' }).click()
    const dialog = clerk.getByRole('dialog', { name: '一次性告知补正' })
    await expect(dialog.getByRole('checkbox', { name: drawing })).toBeChecked()
    await look(clerk, '23-desk-supplement')
    await dialog.getByRole('button', { name: '告知补正 1 项' }).click()
    await expect(dialog).toBeHidden()
    await expect(clerk.getByRole('region', { name: /^申请材料/ })).toContainText('等待申请人补正')
  })

  await test.step('the applicant is told and answers', async () => {
    await page.goto('/my')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('我的空间')
    await look(page, '30-my')
    await page.getByRole('article').filter({ hasText: caseNo }).getByRole('link', { name: '去补正' }).click()
    await expect(page.getByRole('heading', { name: '请补正以下内容' })).toBeVisible()
    await look(page, '31-supplement')
    const supplement = page.getByRole('region', { name: '请补正以下内容' })
    await supplement.getByLabel(drawing).setInputFiles({ name: '布局平面图（标明面积）.png', mimeType: 'image/png', buffer: await page.screenshot() })
    await expect(supplement.getByRole('button', { name: '删除 布局平面图（标明面积）.png' })).toBeVisible()
    await supplement.getByLabel(/补正说明/).fill('已标明面积 86 平方米。')
    await supplement.getByRole('button', { name: '提交补正' }).click()
    await expect(supplement).toBeHidden()
    await expect(page.getByText('补正材料已经收到')).toBeVisible()
    await look(page, '32-supplemented')
  })

  await test.step('the clerk sees the answer without asking and accepts', async () => {
    const paper = clerk.getByRole('article', { name: drawing })
    await expect(paper.getByRole('button', { name: '布局平面图（标明面积）.png' })).toBeVisible()
    await paper.getByRole('button', { name: `${drawing}：合格` }).click()
    await expect(paper).toContainText('✓ 合格')
    await clerk.getByRole('button', { name: '受理', exact: true }).click()
    const dialog = clerk.getByRole('dialog', { name: '受理申请' })
    await look(clerk, '24-desk-accept')
    await dialog.getByRole('button', { name: '确认受理' }).click()
    await expect(dialog).toBeHidden()
    const clock = clerk.getByRole('region', { name: '时限' })
    await expect(clock.getByRole('listitem').filter({ hasText: '承诺办结' })).toContainText(/正常.*\d+月\d+日/)
    await expect(clock.getByRole('listitem').filter({ hasText: '法定办结' })).toContainText(/正常.*\d+月\d+日/)
    await expect(clerk.getByRole('region', { name: '文书和证照' })).toContainText('受理通知书')
    await look(clerk, '25-desk-accepted')
  })

  await test.step('the reviewer of the department gives an opinion', async () => {
    const reviewer = await person('reviewer')
    await signInAtDesk(reviewer, 'shenhe1')
    await reviewer.getByRole('row').filter({ hasText: caseNo }).getByRole('link', { name: itemName }).click()
    await reviewer.getByRole('button', { name: '提交审查意见' }).click()
    const dialog = reviewer.getByRole('dialog', { name: '提交审查意见' })
    await dialog.getByLabel('审查意见').fill('现场核查符合要求，建议准予许可。')
    await look(reviewer, '40-desk-review')
    await dialog.getByRole('button', { name: '建议准予，提交审批' }).click()
    await expect(dialog).toBeHidden()
    await expect(reviewer.getByText('待决定').first()).toBeVisible()
    await look(reviewer, '41-desk-reviewed')
  })

  const approver = await person('approver')
  await test.step('two approvers decide at once: one wins, the other sees who did', async () => {
    const other = await person('joint approver')
    await Promise.all([signInAtDesk(approver, 'shenpi'), signInAtDesk(other, 'lianpi')])
    const prepare = async (desk: Page) => {
      await openCase(desk, caseNo)
      await desk.getByRole('button', { name: '作出决定' }).click()
      const dialog = desk.getByRole('dialog', { name: '作出决定' })
      await dialog.getByRole('radio', { name: '准予许可' }).check()
      await expect(dialog.getByRole('button', { name: '确认准予许可' })).toBeEnabled()
      return dialog
    }
    const dialogs = [await prepare(approver), await prepare(other)]
    await look(approver, '42-desk-decide')
    // Pressed in the page itself, so that both are on the way before either has an answer.
    await Promise.all(dialogs.map(d => d.getByRole('button', { name: '确认准予许可' }).evaluate((b: HTMLElement) => b.click())))
    const lost = await theLoser(dialogs)
    const winner = lost === dialogs[0] ? '吴晓东' : '赵建国'
    await expect(lost.getByRole('alert')).toContainText(winner)
    await expect(lost.getByRole('alert')).toContainText(/处理了这一件|更新了这一件/)
    await look(lost.page(), '43-desk-too-late')
    await lost.getByRole('button', { name: '取消' }).click()
    await expect(lost.page().getByRole('region', { name: '办理过程' })).toContainText(winner)
  })

  await test.step('the applicant reads the way of the case in plain words', async () => {
    await page.reload()
    await expect(page.getByRole('link', { name: /^查看证照/ })).toBeVisible()
    const told = page.getByRole('region', { name: '办理经过' }).getByRole('listitem')
    await expect(told.last()).toContainText('提交')
    for (const words of ['补正', '受理', '审查', '准予', '加盖印章', '办结']) await expect(told.filter({ hasText: words }).first()).toBeVisible()
    for (const paper of ['补正告知书', '受理通知书', '准予行政许可决定书'])
      await expect(page.getByRole('region', { name: '文书' }).getByRole('link', { name: paper })).toBeVisible()
    const notice = await page.request.get(await page.getByRole('region', { name: '文书' }).getByRole('link', { name: '受理通知书' }).getAttribute('href') ?? '')
    expect((await notice.body()).subarray(0, 5).toString()).toBe('%PDF-')
    await look(page, '50-case-closed')
    await page.getByRole('link', { name: '消息' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('消息')
    await expect(page.getByRole('listitem').filter({ hasText: '补正' }).first()).toBeVisible()
    await look(page, '51-notices')
  })

  let ofd = Buffer.alloc(0)
  await test.step('the licence is in 我的证照 and drawn in the page, seal and all', async () => {
    await page.getByRole('link', { name: '证照', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('我的证照')
    await look(page, '52-licences')
    await page.getByRole('link', { name: /食品经营许可证/ }).first().click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('食品经营许可证')
    const paper = await paperIn(page)
    const body = paper.locator('body')
    for (const words of ['食品经营许可证', answers['经营场所地址']]) await expect(body).toContainText(words)
    const seal = paper.locator('[name=seal_img_div]')
    await expect(seal).toBeVisible()
    expect(await seal.evaluate((e: HTMLElement) => (JSON.parse(e.dataset.signedInfo ?? '{}') as { VerifyRet?: boolean }).VerifyRet), 'the seal in the page verifies').toBe(true)
    await look(page, '53-licence')
  })

  await test.step('download the original and the copy; another reader trusts the seal', async () => {
    ofd = await downloaded(page, '下载 OFD 原件', /\.ofd$/)
    expect(ofd.subarray(0, 2).toString()).toBe('PK')
    expect((await downloaded(page, '下载 PDF 副本', /\.pdf$/)).subarray(0, 5).toString()).toBe('%PDF-')
    expect(await readSeal(browser, ofd)).toEqual({ verified: true, digest: true })
    expect(await readSeal(browser, await forge(ofd, '热食类', '生食类'))).toMatchObject({ digest: false })
  })

  const anyone = await person('anyone')
  const verdict = anyone.getByRole('status').getByRole('heading', { level: 1 })
  await test.step('shown as a QR code, checked by whoever scans it', async () => {
    await page.getByRole('button', { name: '出示二维码' }).click()
    const shown = page.getByRole('dialog', { name: /^出示/ })
    await expect(shown.getByRole('img', { name: '证照核验二维码' })).toBeVisible()
    const code = await shown.getByText('扫不了码时可报出示码').getByRole('strong').innerText()
    await look(page, '54-qr')
    const address = await scan(page, '证照核验二维码')
    await shown.getByRole('button', { name: '完成' }).click()

    await anyone.goto(address)
    await expect(verdict).toHaveText('有效')
    await expect(anyone.getByRole('main')).toContainText(me.holder)
    await look(anyone, '60-verify-valid')
    await anyone.goto('/verify')
    await anyone.getByLabel('输入号码').fill(code)
    await anyone.getByRole('button', { name: '查询' }).click()
    await expect(verdict).toHaveText('有效')
  })

  await test.step('checked by its file: valid, altered, unknown', async () => {
    await verify(anyone, ofd)
    await expect(verdict).toHaveText('有效')
    await look(anyone, '61-verify-file')
    const damaged = Buffer.from(ofd)
    damaged[damaged.length >> 1]! ^= 1
    for (const copy of [damaged, await forge(ofd, '热食类', '生食类')]) {
      await verify(anyone, copy)
      await expect(verdict).toHaveText('被篡改')
    }
    // Which part was changed is told by its name in the package.
    await look(anyone, '62-verify-altered', { latin: true })
    await verify(anyone, Buffer.from('这不是一张证照。'))
    await expect(verdict).toHaveText('查无此证')
    await look(anyone, '63-verify-unknown')
  })

  await test.step('revoked by the approver, and everybody learns it', async () => {
    await approver.keyboard.press('Escape')
    await approver.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '证照' }).click()
    const row = approver.getByRole('row').filter({ hasText: me.holder })
    await expect(row).toContainText('有效')
    await look(approver, '44-desk-licences')
    await row.getByRole('button', { name: '食品经营许可证' }).click()
    await expect(approver.getByRole('dialog', { name: '食品经营许可证' })).toContainText(caseNo)
    await look(approver, '45-desk-licence')
    await approver.getByRole('button', { name: '撤销、吊销或注销' }).click()
    const dialog = approver.getByRole('dialog', { name: /^撤销/ })
    await dialog.getByLabel(/^理由和依据/).fill('经查，申请时隐瞒了真实情况，依据行政许可法第六十九条撤销。')
    await look(approver, '46-desk-revoke')
    await dialog.getByRole('button', { name: '确认撤销' }).click()
    await expect(dialog).toBeHidden()
    await expect(row).toContainText('已撤销')
    await verify(anyone, ofd)
    await expect(verdict).toHaveText('已撤销')
    await look(anyone, '64-verify-revoked')
    await page.reload()
    await expect(page.getByText('经查，申请时隐瞒了真实情况')).toBeVisible()
    await look(page, '55-licence-revoked')
  })

  await test.step('the guide is still where it was', async () => {
    await page.goto(guide)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(itemName)
  })
})

const answers = {
  '法定代表人（负责人）': '周志远',
  '法定代表人（负责人）公民身份号码': '421303199003070027',
  联系电话: '13800000001',
  经营场所地址: '随州市曾都区文峰大道18号',
  经营面积: '86',
  从业人员数: '6',
  食品安全管理员: '陈芳',
  食品安全管理员电话: '13800000008',
  主要设备设施: '灶台2组、冷藏柜3台、消毒柜1台、油烟净化器1套',
}

/** What is known already stands there; the rest is typed. */
async function fillForm(page: Page, me: Applicant) {
  for (const [label, value] of Object.entries(me.form)) {
    const field = page.getByLabel(label, { exact: true })
    if (me.holder === me.form.经营者名称) await expect(field).toHaveValue(value)
    else await field.fill(value)
  }
  for (const [label, value] of Object.entries(answers)) await page.getByLabel(label, { exact: true }).fill(value)
  await page.getByLabel('经营场所所在地', { exact: true }).selectOption({ label: '曾都区' })
  await page.getByRole('radio', { name: '餐饮服务经营者' }).check()
  await page.getByRole('checkbox', { name: '热食类食品制售' }).check()
  await page.getByRole('group', { name: '是否从事网络经营' }).getByRole('radio', { name: '否' }).check()
  await page.getByRole('group', { name: '是否设置中央厨房' }).getByRole('radio', { name: '否' }).check()
  await page.getByRole('checkbox', { name: '承诺内容真实、符合食品安全要求' }).check()
}

async function check(desk: Page, material: string) {
  const paper = desk.getByRole('article', { name: material })
  await paper.getByRole('button', { name: `${material}：合格` }).click()
  await expect(paper).toContainText('✓ 合格')
}

/** Of two dialogs of the same decision, the one that stays open because it came too late. */
async function theLoser(dialogs: Locator[]) {
  await expect.poll(async () => (await Promise.all(dialogs.map(d => d.isVisible()))).filter(Boolean).length, 'one dialog stays').toBe(1)
  for (const d of dialogs) if (await d.isVisible()) return d
  throw new Error('both decisions were taken')
}

async function downloaded(page: Page, link: string, name: RegExp) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: link }).click()])
  expect(file.suggestedFilename()).toMatch(name)
  return readFile(await file.path())
}

async function verify(page: Page, file: Buffer) {
  await page.goto('/verify')
  await page.getByLabel('选择 OFD 证照文件').setInputFiles({ name: '证照.ofd', mimeType: 'application/ofd', buffer: file })
  await page.getByRole('button', { name: '上传并核验' }).click()
}
