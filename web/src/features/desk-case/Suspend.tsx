import { useId, useState } from 'react'
import { Input, Select } from 'antd'
import { LongText } from '@/ui/desk/LongText'
import { CaseLine } from './CaseLine'
import type { DialogProps } from './dialogs'
import { kinds } from './special'
import { StepModal } from './StepModal'
import { useTyped } from './typed'

/** A special procedure stops the clock; the time it needs is told in writing (Art 45). */
export function Suspend({ c, act, close }: DialogProps) {
  const id = useId()
  const [kind, setKind] = useState<string>()
  const [ground, setGround, groundDone] = useTyped(`${c.case_no} suspend`)
  const [needed, setNeeded, neededDone] = useTyped(`${c.case_no} needed`)
  const submit = async () => {
    const failed = await act('suspend', { kind, ground: ground.trim(), needed: needed.trim() })
    if (!failed) {
      groundDone()
      neededDone()
    }
    return failed
  }
  return (
    <StepModal title="进入特别程序" ok="确认并告知申请人" ready={kind !== undefined && ground.trim().length >= 2 && needed.trim().length >= 2} submit={submit} close={close}>
      <CaseLine c={c} />
      <p className="desk-effect">特别程序所需时间不计入办理时限，将书面告知申请人（行政许可法第四十五条）。</p>
      <div className="desk-field">
        <label htmlFor={`${id}-kind`}>种类</label>
        <Select id={`${id}-kind`} value={kind} onChange={setKind} options={kinds} placeholder="请选择" style={{ width: '100%' }} />
      </div>
      <LongText label="事由" value={ground} onChange={setGround} max={500} rows={2} />
      <div className="desk-field">
        <label htmlFor={`${id}-needed`}>所需时间</label>
        <Input id={`${id}-needed`} value={needed} onChange={(e) => setNeeded(e.target.value)} maxLength={100} placeholder="例如：约 15 个工作日" />
      </div>
    </StepModal>
  )
}
