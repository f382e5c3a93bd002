import { useState } from 'react'
import { Checkbox, Input } from 'antd'
import type { DialogProps } from './dialogs'
import { StepModal } from './StepModal'

/** Everything that is missing or wrong is told at once (Art 32(4)): there is no second notice. */
export function RequestSupplement({ c, act, close }: DialogProps) {
  const [asked, setAsked] = useState<Record<string, string>>(() =>
    Object.fromEntries(c.materials.filter((m) => m.result === 'wrong' || (m.required && m.status === 'missing')).map((m) => [m.code, m.note ?? ''])))
  const [note, setNote] = useState('')
  const items = Object.entries(asked).map(([material, what]) => ({ material, what: what.trim() }))
  const submit = () => act('request-supplement', { items, note: note.trim() })
  const toggle = (code: string, on: boolean) =>
    setAsked((a) => (on ? { ...a, [code]: c.materials.find((m) => m.code === code)?.note ?? '' } : Object.fromEntries(Object.entries(a).filter(([k]) => k !== code))))
  return (
    <StepModal width={640} title="一次性告知补正" ok="发出补正告知书" ready={items.length > 0 && items.every((i) => i.what)} submit={submit} close={close}>
      <p className="desk-quiet">请把需要补正的全部内容一次写清。补正期间不计受理时限；逾期不告知的，自收到材料之日起即为受理（行政许可法第三十二条）。</p>
      {c.materials.map((m) => (
        <div key={m.code} style={{ marginBottom: 8 }}>
          <Checkbox checked={m.code in asked} onChange={(e) => toggle(m.code, e.target.checked)}>{m.name}</Checkbox>
          {m.code in asked && <Input.TextArea aria-label={`${m.name}需要补正什么`} placeholder="缺什么、哪里不符合、应当怎样改" value={asked[m.code]} onChange={(e) => setAsked((a) => ({ ...a, [m.code]: e.target.value }))} maxLength={500} autoSize={{ minRows: 1 }} />}
        </div>
      ))}
      <label htmlFor="note">补充说明（可不填）</label>
      <Input.TextArea id="note" value={note} onChange={(e) => setNote(e.target.value)} maxLength={500} autoSize={{ minRows: 2 }} />
    </StepModal>
  )
}
