/**
 * The formats of the field's forms. The server checks the same by the same rules; here they only
 * spare the applicant a round trip.
 */

const citizenWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** 公民身份号码 (GB 11643-1999): 17 digits with a real date and the check character of ISO 7064 MOD 11-2. */
export function isCitizenId(id: string): boolean {
  const s = id.toUpperCase()
  if (!/^[1-9]\d{16}[\dX]$/.test(s) || s.slice(14, 17) === '000') return false
  const y = Number(s.slice(6, 10))
  const m = Number(s.slice(10, 12))
  const d = Number(s.slice(12, 14))
  const date = new Date(Date.UTC(y, m - 1, d))
  if (y < 1800 || date.getUTCFullYear() !== y || date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d) return false
  const sum = citizenWeights.reduce((t, w, i) => t + w * Number(s[i]), 0)
  return '10X98765432'[sum % 11] === s[17]
}

const usccAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const usccWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** 统一社会信用代码 (GB 32100-2015): 18 characters, the last one checks the rest, modulo 31. */
export function isUscc(code: string): boolean {
  if (code.length !== 18) return false
  let sum = 0
  for (let i = 0; i < 17; i++) {
    const v = usccAlphabet.indexOf(code[i]!)
    if (v < 0) return false
    sum += v * usccWeights[i]!
  }
  return usccAlphabet[(31 - (sum % 31)) % 31] === code[17]
}

export const isMobile = (s: string) => /^1[3-9]\d{9}$/.test(s)
export const isPhone = (s: string) => isMobile(s) || /^0\d{2,3}-?\d{7,8}$/.test(s)

export const formats: Record<string, (s: string) => boolean> = {
  'citizen-id': isCitizenId,
  uscc: isUscc,
  mobile: isMobile,
  phone: isPhone,
}
