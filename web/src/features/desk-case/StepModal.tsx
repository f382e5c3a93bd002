import { useState, type ReactNode } from 'react'
import { Alert, Modal } from 'antd'

interface Props {
  title: string
  ok: string
  danger?: boolean
  ready: boolean
  width?: number
  /** Undefined when it was done; otherwise what went wrong, in words. */
  submit: () => Promise<string | undefined>
  close: () => void
  children: ReactNode
}

/** A step to confirm. When it fails, the dialog stays with everything that was typed and says why. */
export function StepModal({ title, ok, danger, ready, width, submit, close, children }: Props) {
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  const confirm = async () => {
    setBusy(true)
    const wrong = await submit()
    setBusy(false)
    setFailed(wrong)
    if (!wrong) close()
  }
  return (
    <Modal open title={title} okText={ok} cancelText="取消" width={width} onOk={() => void confirm()} onCancel={close} confirmLoading={busy} okButtonProps={{ disabled: !ready, danger }} destroyOnHidden>
      {failed && <Alert type="warning" showIcon role="alert" title={failed} style={{ marginBottom: 12 }} />}
      {children}
    </Modal>
  )
}
