import { useState } from 'react'
import { Checkbox } from 'antd'
import { LongText } from '@/ui/desk/LongText'
import { CaseLine } from './CaseLine'
import type { DialogProps } from './dialogs'
import { StepModal } from './StepModal'
import { useTyped } from './typed'

/** Everything that is missing or wrong is told at once (Art 32(4)): there is no second notice. */
export function RequestSupplement({ c, act, close }: DialogProps) {
  const parts = [...c.materials, { code: 'form', name: '申请表', note: '', result: '', required: true, status: 'submitted' }]
  const [asked, setAsked] = useState<Record<string, string>>(() =>
    Object.fromEntries(parts.filter((m) => m.result === 'wrong' || (m.required && m.status === 'missing')).map((m) => [m.code, m.note || (m.status === 'missing' ? '没有提交，请补交。' : '')])))
  const [note, setNote, done] = useTyped(`${c.case_no} supplement`)
  const items = Object.entries(asked).map(([material, what]) => ({ material, what: what.trim() }))
  const submit = async () => {
    const failed = await act('request-supplement', { items, note: note.trim() })
    if (!failed) done()
    return failed
  }
  const toggle = (code: string, on: boolean) =>
    setAsked((a) => (on ? { ...a, [code]: parts.find((m) => m.code === code)?.note ?? '' } : Object.fromEntries(Object.entries(a).filter(([k]) => k !== code))))
  return (
    <StepModal width={640} title="一次性告知补正" ok={items.length > 0 ? `告知补正 ${items.length} 项` : '发出补正告知书'} ready={items.length > 0 && items.every((i) => i.what)} submit={submit} close={close}>
      <CaseLine c={c} />
      <p className="desk-effect">请把需要补正的全部内容一次写清，依法不能再次告知（行政许可法第三十二条）。将生成补正告知书并通知申请人；等待补正期间不计受理时限。</p>
      {parts.map((m) => (
        <div key={m.code} className="desk-ask">
          <Checkbox checked={m.code in asked} onChange={(e) => toggle(m.code, e.target.checked)}>{m.name}</Checkbox>
          {m.code in asked && <LongText label={`${m.name}需要补正什么`} placeholder="缺什么、哪里不符合、应当怎样改" value={asked[m.code] ?? ''} onChange={(v) => setAsked((a) => ({ ...a, [m.code]: v }))} max={500} rows={1} />}
        </div>
      ))}
      <LongText label="补充说明（选填）" value={note} onChange={setNote} max={500} rows={2} />
    </StepModal>
  )
}
