import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Alert, App, Radio } from 'antd'
import { desk, explain, type Licence } from '@/api'
import { Ask } from '@/ui/desk/Ask'
import { LongText } from '@/ui/desk/LongText'

type Ending = 'revoked' | 'withdrawn' | 'cancelled'
const endings: { value: Ending; label: string; done: string; effect: string }[] = [
  { value: 'revoked', label: '撤销', done: '已撤销', effect: '准予许可时不应当准予（行政许可法第六十九条）。' },
  { value: 'withdrawn', label: '吊销', done: '已吊销', effect: '持证人违法，作为行政处罚收回。' },
  { value: 'cancelled', label: '注销', done: '已注销', effect: '持证人申请，或法定情形出现（行政许可法第七十条）。' },
]

/** The end of a licence, once and for ever, with its ground. */
export function Revoke({ licence, close }: { licence: Licence; close: () => void }) {
  const client = useQueryClient()
  const { message } = App.useApp()
  const [status, setStatus] = useState<Ending>('revoked')
  const [reason, setReason] = useState('')
  const [failed, setFailed] = useState('')
  const [busy, setBusy] = useState(false)
  const ending = endings.find((e) => e.value === status)!
  const revoke = async () => {
    setBusy(true)
    try {
      await desk.revoke(licence.id, { status, reason: reason.trim() })
      await client.invalidateQueries({ queryKey: ['desk-licences'] })
      void message.success(`${ending.done}，查验时会立即显示。`)
      close()
    } catch (e) {
      setFailed(explain(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Ask title={`${ending.label}“${licence.title}”`} okText={`确认${ending.label}`} confirmLoading={busy} okButtonProps={{ danger: true, disabled: reason.trim().length < 5 }} onOk={() => void revoke()} onCancel={close}>
      {failed && <Alert className="desk-alert" type="error" showIcon role="alert" title={failed} />}
      <p className="desk-line"><b>{licence.holder_name}</b>　{licence.number}</p>
      <Radio.Group aria-label="怎样结束" value={status} onChange={(e) => setStatus(e.target.value as Ending)} options={endings.map(({ value, label }) => ({ value, label }))} />
      <p className="desk-effect">{ending.effect}以后任何人查验都会看到“{ending.done}”，持证人会收到通知，不能恢复。</p>
      <LongText label="理由和依据（至少 5 个字）" value={reason} onChange={setReason} max={500} />
    </Ask>
  )
}
