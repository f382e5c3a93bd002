import { useEffect, useState } from 'react'
import { Button } from 'antd'
import type { Case } from '@/api'
import type { Act } from './CasePage'
import { dialogs, type Kind } from './dialogs'
import { why } from './why'

/** What I can do now, with the reason when something is off. Keys: the number in front of the button. */
export function ActionBar({ c, act, busy }: { c: Case; act: Act; busy: boolean }) {
  const [open, setOpen] = useState<Kind>()
  const offered = dialogs.filter((d) => c.can.includes(d.kind))
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if (e.metaKey || e.ctrlKey || e.altKey || open || (e.target as HTMLElement).closest('input, textarea, select, [role=dialog]')) return
      const d = offered[Number(e.key) - 1]
      if (d) setOpen(d.kind)
    }
    window.addEventListener('keydown', keys)
    return () => window.removeEventListener('keydown', keys)
  }, [offered, open])

  const Dialog = dialogs.find((d) => d.kind === open)?.dialog
  const reason = why(c)
  return (
    <div className="desk-actions" role="toolbar" aria-label="现在可以办理">
      {offered.map((d, i) => (
        <Button key={d.kind} type={i === 0 ? 'primary' : 'default'} danger={d.danger && i > 0} disabled={busy || Boolean(d.blocked?.(c))} onClick={() => setOpen(d.kind)} aria-keyshortcuts={String(i + 1)}>
          {d.label}
        </Button>
      ))}
      <span className="why">{offered.map((d) => d.blocked?.(c)).find(Boolean) ?? (offered.length === 0 ? reason : '')}</span>
      {Dialog && <Dialog c={c} act={act} close={() => setOpen(undefined)} />}
    </div>
  )
}
