/** The special procedures of 行政许可法 Art 45. */
export const kinds = [
  { value: 'hearing', label: '听证' }, { value: 'tender', label: '招标' }, { value: 'auction', label: '拍卖' },
  { value: 'inspection', label: '检验' }, { value: 'testing', label: '检测' }, { value: 'quarantine', label: '检疫' },
  { value: 'appraisal', label: '鉴定' }, { value: 'expert', label: '专家评审' },
]

export const kindWords = (kind: string): string => kinds.find((k) => k.value === kind)?.label ?? '特别程序'
