import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import { Alert, Button } from 'antd'
import type { Current } from '@/api'
import { Ask } from '@/ui/desk/Ask'
import { faster } from './moved'

/** What happened to the case since the dialog was opened. */
export interface Moved {
  now?: Current
  /** Whether the step can still be made. */
  possible: boolean
  /** “I have seen it”: the step goes on from the present version. */
  look: () => void
}

export const MovedContext = createContext<Moved>({ possible: true, look: () => undefined })

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

/** A step to confirm. When it fails, or somebody is faster, the dialog stays with everything that was typed and says why. */
export function StepModal({ title, ok, danger, ready, width, submit, close, children }: Props) {
  const moved = use(MovedContext)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  const may = ready && !moved.now
  const confirm = async () => {
    if (!may || busy) return
    setBusy(true)
    const wrong = await submit()
    setBusy(false)
    setFailed(wrong)
    if (!wrong) close()
  }
  useEffect(() => {
    // What is typed and not sent is lost with the page.
    const ask = (e: BeforeUnloadEvent) => e.preventDefault()
    if (!busy) return
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [busy])
  return (
    <Ask
      title={title} okText={ok} width={width}
      onOk={() => void confirm()} onCancel={close} confirmLoading={busy} okButtonProps={{ disabled: !may, danger }}
    >
      <div onKeyDown={(e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) void confirm() }}>
        {moved.now ? (
          <Alert
            className="desk-alert" type="warning" showIcon role="alert" title={faster(moved.now)}
            description={moved.possible ? '您写的内容都在。看过最新情况后可以接着办。' : '您写的内容都在，需要时请先复制。这一步现在不能再办了。'}
            action={moved.possible ? <Button size="small" onClick={() => { setFailed(undefined); moved.look() }}>已知道，接着办</Button> : undefined}
          />
        ) : failed && <Alert className="desk-alert" type="warning" showIcon role="alert" title={failed} description="您写的内容都在。" />}
        {children}
      </div>
    </Ask>
  )
}
