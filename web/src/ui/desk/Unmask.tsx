import { useEffect, useState, type ReactNode } from 'react'
import { Alert, Button, Checkbox, Radio } from 'antd'
import { explain, type Purpose } from '@/api'
import { Ask } from './Ask'
import { LongText } from './LongText'
import { clockTime } from './when'

const purposes: { value: Purpose['purpose']; label: string }[] = [
  { value: 'examine', label: '审查、核验申请内容' },
  { value: 'identity', label: '核对申请人身份' },
  { value: 'contact', label: '联系申请人' },
  { value: 'inquiry', label: '答复咨询或投诉' },
  { value: 'supervise', label: '监督检查' },
]

interface AskProps {
  /** The masked fields to choose from; none: everything is shown at once. */
  fields?: { value: string; label: string }[]
  show: (p: Purpose, fields: string[]) => Promise<void>
  close: () => void
}

/** What for? Whole numbers are shown to whoever says so, and the answer stays on record. */
export function AskPurpose({ fields = [], show, close }: AskProps) {
  const [purpose, setPurpose] = useState<Purpose['purpose']>('examine')
  const [words, setWords] = useState('')
  const [chosen, setChosen] = useState(fields.map((f) => f.value))
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState('')
  const ready = words.trim().length >= 4 && (fields.length === 0 || chosen.length > 0)
  const confirm = async () => {
    setBusy(true)
    try {
      await show({ purpose, words: words.trim() }, chosen)
      close()
    } catch (e) {
      setFailed(explain(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Ask title="查看完整信息" okText="查看" confirmLoading={busy} okButtonProps={{ disabled: !ready }} onOk={() => void confirm()} onCancel={close}>
      {failed && <Alert className="desk-alert" type="error" showIcon role="alert" title={failed} />}
      <p>为哪项工作查看？您的姓名、时间和用途会记入操作留痕，当事人也能看到。</p>
      <Radio.Group className="desk-choices" aria-label="用途" value={purpose} onChange={(e) => setPurpose(e.target.value as Purpose['purpose'])} options={purposes} />
      {fields.length > 1 && (
        <fieldset className="desk-field desk-choices">
          <legend>只看需要的栏目</legend>
          <Checkbox.Group value={chosen} onChange={setChosen} options={fields} />
        </fieldset>
      )}
      <LongText label="具体说明（至少 4 个字）" value={words} onChange={setWords} max={200} rows={2} placeholder="例如：电话核实经营场所面积" />
    </Ask>
  )
}

interface WholeProps<T> {
  /** Whether this reader may ask for whole values. */
  may: boolean
  fields?: AskProps['fields']
  fetch: (p: Purpose, fields: string[]) => Promise<T & { until: string }>
  /** The page's part with whole values, or with undefined while they are masked. */
  children: (whole: T | undefined) => ReactNode
}

/** Shows whole values for a few minutes and then masks them again, also when nobody does anything. */
export function Whole<T>({ may, fields, fetch, children }: WholeProps<T>) {
  const [asking, setAsking] = useState(false)
  const [whole, setWhole] = useState<T & { until: string }>()
  useEffect(() => {
    if (!whole) return
    const timer = setTimeout(() => setWhole(undefined), Math.max(0, new Date(whole.until).getTime() - Date.now()))
    return () => clearTimeout(timer)
  }, [whole])
  return (
    <>
      {whole ? (
        <Alert
          className="desk-alert" type="info" role="status" showIcon title={`正在显示完整信息，${clockTime(whole.until)} 恢复遮盖。`}
          action={<Button size="small" onClick={() => setWhole(undefined)}>现在遮盖</Button>}
        />
      ) : may && <p className="desk-whole"><span className="desk-quiet">个人信息已遮盖。</span><Button size="small" onClick={() => setAsking(true)}>查看完整信息</Button></p>}
      {children(whole)}
      {asking && <AskPurpose fields={fields} close={() => setAsking(false)} show={async (p, chosen) => setWhole(await fetch(p, chosen))} />}
    </>
  )
}
