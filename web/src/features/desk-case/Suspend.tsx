import { useState } from 'react'
import { Input, Select } from 'antd'
import type { DialogProps } from './dialogs'
import { StepModal } from './StepModal'

const kinds = [
  { value: 'hearing', label: '听证' }, { value: 'tender', label: '招标' }, { value: 'auction', label: '拍卖' },
  { value: 'inspection', label: '检验' }, { value: 'testing', label: '检测' }, { value: 'quarantine', label: '检疫' },
  { value: 'appraisal', label: '鉴定' }, { value: 'expert', label: '专家评审' },
]

/** A special procedure stops the clock; the time it needs is told in writing (Art 45). */
export function Suspend({ act, close }: DialogProps) {
  const [kind, setKind] = useState('inspection')
  const [ground, setGround] = useState('')
  const [needed, setNeeded] = useState('')
  const submit = () => act('suspend', { kind, ground: ground.trim(), needed: needed.trim() })
  return (
    <StepModal title="进入特别程序" ok="确认并告知申请人" ready={ground.trim() !== '' && needed.trim() !== ''} submit={submit} close={close}>
      <p className="desk-quiet">特别程序所需时间不计入办理时限，应当书面告知申请人（行政许可法第四十五条）。</p>
      <label htmlFor="kind">种类</label>
      <Select id="kind" value={kind} onChange={setKind} options={kinds} style={{ width: '100%' }} />
      <label htmlFor="ground" style={{ display: 'block', marginTop: 12 }}>事由</label>
      <Input.TextArea id="ground" value={ground} onChange={(e) => setGround(e.target.value)} maxLength={500} autoSize={{ minRows: 2 }} />
      <label htmlFor="needed" style={{ display: 'block', marginTop: 12 }}>所需时间</label>
      <Input id="needed" value={needed} onChange={(e) => setNeeded(e.target.value)} maxLength={100} placeholder="例如：约 15 个工作日" />
    </StepModal>
  )
}
