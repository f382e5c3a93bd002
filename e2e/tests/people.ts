import { expect, type Page } from '@playwright/test'

// The made-up people of the reference city and how they come in.
export const password = 'Onedoor@2026'

/** Who applies: an enterprise's agent at the desk-top machine, a citizen on the phone. */
export interface Applicant { login: string; holder: string; form: { 经营者名称: string; 统一社会信用代码: string } }
export const applicants: Record<string, Applicant> = {
  desktop: { login: '13800000002', holder: '随州市好味道餐饮有限公司', form: { 经营者名称: '随州市好味道餐饮有限公司', 统一社会信用代码: '91421303MA49KX7H5E' } },
  phone: { login: '13800000001', holder: '林晓梅', form: { 经营者名称: '曾都区晓梅小吃店', 统一社会信用代码: '92421303MA4F00002K' } },
}

/** Signs in at the portal's page that is open. */
export async function signIn(page: Page, login: string) {
  await page.getByLabel('身份证号或手机号').fill(login)
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('button', { name: '退出' })).toBeVisible()
}

/** Signs in at the desk and arrives in the first page that the post allows. */
export async function signInAtDesk(page: Page, login: string) {
  await page.goto('/desk/sign-in')
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('navigation', { name: '工作台' })).toBeVisible()
}

/** Opens a case at the desk by its number, from the search on top. */
export async function openCase(page: Page, caseNo: string) {
  await page.getByRole('searchbox', { name: '查找办件' }).or(page.getByRole('textbox', { name: '查找办件' })).fill(caseNo)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/desk/cases/${caseNo}$`))
  await expect(page.getByRole('toolbar', { name: '现在可以办理' })).toBeVisible()
}
